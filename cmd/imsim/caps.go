package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/imsim/imsim/fakeserver"
)

// caps is the flag --cap NAME=N: how much of something a backend allows.
type caps struct{ options *fakeserver.Options }

// limit is one of them. usual is what holds if it is not set; 0: any number.
type limit struct {
	name  string
	value *int
	usual int
	what  string
}

func (c caps) all() []limit {
	o := c.options
	g := &o.Groups
	return []limit{
		{"group-members", &g.Members, 6000, "members of a group, live rooms aside"},
		{"group-created-with", &g.CreateMembers, 500, "members named when a group is created"},
		{"group-added", &g.AddMembers, 500, "members added in one call"},
		{"groups-of-user", &g.GroupsOfUser, 5000, "groups a user is in, live rooms aside"},
		{"live-rooms", &g.Rooms, 0, "live rooms"},
		{"group-messages", &g.MessagesSecond, 0, "messages of a group in a second (40 with --limits documented)"},
		{"group-name", &g.Name, 30, "bytes of a group's name"},
		{"group-introduction", &g.Introduction, 240, "bytes of its introduction"},
		{"group-notification", &g.Notification, 300, "bytes of its notification"},
		{"group-avatar", &g.FaceURL, 100, "bytes of its avatar's URL"},
		{"name-card", &g.NameCard, 50, "bytes of a member's name card"},
		{"friends", &o.MaxFriends, 3000, "friends of a user"},
		{"friend-lists", &o.MaxFriendGroups, 32, "friend lists of a user"},
		{"applications", &o.MaxApplications, 100, "friend applications from and to a user"},
		{"blocked", &o.MaxBlocked, 1000, "accounts a user blocks"},
	}
}

// usage lists the names and what holds without the flag.
func (c caps) usage() string {
	var b strings.Builder
	b.WriteString("Caps, to be set by --cap NAME=N, with what holds otherwise:\n")
	for _, l := range c.all() {
		usual := strconv.Itoa(l.usual)
		if l.usual == 0 {
			usual = "any"
		}
		fmt.Fprintf(&b, "\n  %-20s %5s  %s", l.name, usual, l.what)
	}
	return b.String()
}

// Set takes NAME=N, or several by comma.
func (c caps) Set(text string) error {
next:
	for _, part := range strings.Split(text, ",") {
		name, number, _ := strings.Cut(part, "=")
		n, err := strconv.Atoi(strings.TrimSpace(number))
		if err != nil || n < 1 {
			return fmt.Errorf("%q is not NAME=N with an N from 1 on", part)
		}
		for _, l := range c.all() {
			if l.name == strings.TrimSpace(name) {
				*l.value = n
				continue next
			}
		}
		return fmt.Errorf("there is no cap %q; --help lists them", name)
	}
	return nil
}

// String lists what was set.
func (c caps) String() string {
	if c.options == nil { // pflag asks a zero value for its default
		return ""
	}
	var set []string
	for _, l := range c.all() {
		if *l.value != 0 {
			set = append(set, fmt.Sprintf("%s=%d", l.name, *l.value))
		}
	}
	return strings.Join(set, ",")
}

// Type is shown by --help.
func (caps) Type() string { return "NAME=N" }
