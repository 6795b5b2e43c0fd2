// Package scenarios is the conformance suite: what an SDK port does when it
// talks to the backend, written once and run on any port.
//
// A Case is a value: its name, what of the reference API it covers, where its
// rule stands, what it needs, and what it does on a Stage. Cases lists them
// all; Register hands them to Ginkgo, in a test or in the imsim binary.
//
//	Case{
//		Name:   "a second web instance kicks the first",
//		Covers: covers("login", "KICKED_OUT"), Source: "session.md §8",
//		Run: func(s *Stage) {
//			first := s.Login("alice")
//			s.Login("alice")
//			first.Expect("KICKED_OUT", "type", "multipleAccount")
//		},
//	}
package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/port"
)

// Levels of cases: what every port must do, and what a complete one does.
const (
	Core     = "core"
	Extended = "extended"
)

// Case is one behaviour of an SDK port.
type Case struct {
	Area string // session, kick-out, …: the first part of its name in reports
	Name string // a sentence about the behaviour; stable
	// Level is Core (default) or Extended.
	Level string
	// Covers names methods and event keys of the reference API.
	Covers []string
	// Source is where the rule stands.
	Source string
	// Needs lists capabilities (port.Cap…); a port without them skips the case.
	Needs []string
	// Skip tells for which ports the case does not apply, and why.
	Skip func(port.Hello) string
	// Server changes the options of the case's own server. Such a case cannot
	// run against a server that somebody else started.
	Server func(*fakeserver.Options)
	Run    func(*Stage)
}

// ID is the stable name: area/name.
func (c Case) ID() string { return c.Area + "/" + c.Name }

// Labels by which a case is selected: area, level, needs, and own-server.
func (c Case) Labels() []string {
	labels := append([]string{c.Area, c.Level}, c.Needs...)
	if c.Server != nil {
		labels = append(labels, "own-server")
	}
	return labels
}

// Cases lists the whole suite, area by area.
func Cases() []Case {
	return slices.Concat(
		area("session", loginCases(), logoutCases(), readyCases()),
		area("emitter", emitterCases()),
		area("declared", declaredCases()),
		area("kick-out", kickOutCases()),
		area("c2c-text", createTextCases(), sendTextCases(), instanceCopyCases()),
		area("elements", createElementCases(), sendElementCases(), receivedElementCases()),
		area("online-only", onlineOnlyCases()),
		area("recall", recallCases()),
		area("delete", deleteCases()),
		area("history", historyCases()),
		area("read", readCases()),
		area("modify", modifyCases()),
		area("merger", mergerCases()),
		area("forward", forwardCases()),
		area("blocked", blockedCases()),
		area("multi-instance", instanceSyncCases()),
		area("upload", uploadCases()),
		area("rest", restCases(), restRelationCases()),
		area("server-rules", hookCases()),
		area("conversation", listCases(), profileCases(), deleteConversationCases(), pinCases()),
		area("group-profile", groupProfileCases()),
		area("group-member", groupMemberCases()),
		area("group-application", groupApplicationCases()),
		area("group-message", groupMessageCases()),
		area("later", laterMessageCases()),
		area("group-elements", groupElementCases()),
		area("group-instances", groupInstanceCases()),
		area("group-checks", groupCheckCases()),
		area("group-room", liveRoomCases()),
		area("group-attributes", attributeCases()),
		area("group-rest", restGroupCases()),
		area("group-matrix", matrixCases()),
		area("offline-sync", offlineCases()),
		area("reconnect", reconnectCases()),
		area("state", persistenceCases()),
		area("profile", userProfileCases(), profilePushCases()),
		area("blocklist", blocklistCases(), blocklistEffectCases()),
		area("friend", addFriendCases(), deleteFriendCases(), friendCases(), friendListCases()),
		area("friend-application", applicationCases(), answerCases(), applicationAwayCases()),
		area("friend-group", friendGroupCases()),
	)
}

func area(name string, groups ...[]Case) []Case {
	cases := slices.Concat(groups...)
	for i := range cases {
		cases[i].Area = name
		if cases[i].Level == "" {
			cases[i].Level = Core
		}
	}
	return cases
}

// covers checks the names, so that a misspelt one does not cover anything.
func covers(names ...string) []string {
	for _, name := range names {
		if !slices.Contains(port.Methods, name) && !slices.ContainsFunc(port.Events, func(e port.Event) bool { return e.Key == name }) {
			panic(fmt.Sprintf("scenarios: %q is no method or event of the reference API", name))
		}
	}
	return names
}

// eventName is the value of an event key.
func eventName(key string) string {
	for _, e := range port.Events {
		if e.Key == key {
			return e.Name
		}
	}
	if name := laterEvents[key]; name != "" {
		return name
	}
	panic(fmt.Sprintf("scenarios: %q is no event of the reference API", key))
}

// Coverage tells for every method and event of the reference API which cases
// cover it.
type Coverage struct {
	Name  string   `json:"name"` // method, or event key
	Event bool     `json:"event"`
	Cases []string `json:"cases"`
}

// CoverageOf computes the table, in the order of the reference document.
func CoverageOf(cases []Case) []Coverage {
	by := map[string][]string{}
	for _, c := range cases {
		for _, name := range c.Covers {
			by[name] = append(by[name], c.ID())
		}
	}
	var table []Coverage
	for _, m := range port.Methods {
		table = append(table, Coverage{Name: m, Cases: by[m]})
	}
	for _, e := range port.Events {
		table = append(table, Coverage{Name: e.Key, Event: true, Cases: by[e.Key]})
	}
	return table
}

// CoverageMarkdown is the table as the README shows it.
func CoverageMarkdown(cases []Case) string {
	table := CoverageOf(cases)
	var b strings.Builder
	row := func(title string, event bool) {
		var covered, open []string
		for _, c := range table {
			switch {
			case c.Event != event:
			case len(c.Cases) > 0:
				covered = append(covered, "`"+c.Name+"`")
			default:
				open = append(open, "`"+c.Name+"`")
			}
		}
		fmt.Fprintf(&b, "| %s | %d of %d | %s | %s |\n", title, len(covered), len(covered)+len(open),
			strings.Join(covered, " "), strings.Join(open, " "))
	}
	b.WriteString("| | covered | these | not yet |\n|---|---|---|---|\n")
	row("methods", false)
	row("events", true)
	return b.String()
}
