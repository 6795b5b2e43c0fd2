package backend

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/imsim/imsim/protocol"
	"pgregory.net/rapid"
)

// pairOf is an ordered pair of users.
type pairOf struct{ from, to string }

// graph is what must come of a run of relations, told as simply as can be:
// sets of ordered pairs.
type graph struct {
	friends, blocks map[pairOf]bool
	sent, received  map[pairOf]bool // applications from, to: as each side still has them
	unread          map[pairOf]bool
	allow           map[string]string
}

// add is what friend_add must answer and do.
func (g *graph) add(p pairOf, both bool) protocol.Code {
	back := pairOf{p.to, p.from}
	switch {
	case p.from == p.to:
		return protocol.CodeSNSParam
	case g.blocks[p]:
		return protocol.CodePeerBlocked
	case g.blocks[back]:
		return protocol.CodeBlockedByPeer
	case g.friends[p]:
		return protocol.CodeSNSParam
	case g.allow[p.to] == "DenyAny":
		return protocol.CodePeerDenies
	case g.allow[p.to] == "NeedConfirm":
		if !g.received[p] {
			g.unread[p] = true
		}
		g.sent[p], g.received[p] = true, true
		return protocol.CodeNeedsConsent
	}
	g.join(p)
	if both {
		g.join(back)
	}
	return protocol.OK
}

// join puts a friend into a list: an application for it has its answer.
func (g *graph) join(p pairOf) {
	if !g.friends[p] {
		g.friends[p] = true
		g.end(p)
	}
}

func (g *graph) end(p pairOf) {
	delete(g.sent, p)
	delete(g.received, p)
	delete(g.unread, p)
}

func (g *graph) respond(p pairOf, action string) protocol.Code {
	back := pairOf{p.to, p.from}
	switch {
	case !g.received[p]:
		return protocol.CodeNoApplication
	case action == protocol.ResponseReject:
		g.end(p)
		return protocol.OK
	case g.blocks[back]:
		return protocol.CodePeerBlocked
	case g.blocks[p]:
		return protocol.CodeBlockedByPeer
	}
	g.join(p)
	if action == protocol.ResponseAgreeAndAdd {
		g.join(back)
	}
	return protocol.OK
}

// relationClient follows its friend list by the pushes alone, as an SDK does
// after the login.
type relationClient struct {
	*client
	friends map[string]bool
}

func (c *relationClient) process(t *rapid.T) {
	for _, line := range c.take() {
		for _, part := range strings.Split(line, ", ") {
			if who, ok := strings.CutPrefix(part, "friends "); ok {
				for _, id := range strings.Fields(who) {
					c.friends[id] = true
				}
			} else if who, ok := strings.CutPrefix(part, "no friends "); ok {
				for _, id := range strings.Fields(who) {
					if !c.friends[id] {
						t.Fatalf("%s is told that %s is no friend, but never had it: the SDKs throw", c.user, id)
					}
					delete(c.friends, id)
				}
			}
		}
	}
}

func TestRelationsAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, Config{WebInstances: 2})
		g := &graph{
			friends: map[pairOf]bool{}, blocks: map[pairOf]bool{}, sent: map[pairOf]bool{}, received: map[pairOf]bool{},
			unread: map[pairOf]bool{}, allow: map[string]string{},
		}
		users := []string{"alice", "bob", "carol", "dave"}
		var clients []*relationClient
		login := func() {
			clients = nil
			for _, user := range append(users, "alice") {
				c := &relationClient{w.login(user), map[string]bool{}}
				for _, id := range c.friendList() {
					c.friends[id] = true
				}
				clients = append(clients, c)
			}
		}
		login()
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			c := clients[rapid.IntRange(0, len(clients)-1).Draw(t, "client")]
			if c.conn == 0 {
				c.comeBack()
				w.advance(syncTime)
				c.process(t)
				continue
			}
			p := pairOf{c.user, rapid.SampledFrom(users).Draw(t, "other")}
			back := pairOf{p.to, p.from}
			var got, want protocol.Code
			switch op := rapid.SampledFrom([]string{"add", "add", "add single", "delete", "delete single", "block", "unblock", "allow",
				"agree", "agree and add", "reject", "forget received", "forget sent", "read", "away", "reload"}).Draw(t, "op"); op {
			case "add":
				got, want = c.addFriend(p.to, protocol.AddBoth), g.add(p, true)
			case "add single":
				got, want = c.addFriend(p.to, protocol.AddSingle), g.add(p, false)
			case "delete", "delete single":
				how := protocol.DeleteBoth
				if op != "delete" {
					how = protocol.DeleteSingle
				}
				got, want = c.deleteFriend(p.to, how), protocol.CodeNotFriend
				if g.friends[p] {
					want = protocol.OK
					delete(g.friends, p)
					if op == "delete" {
						delete(g.friends, back)
					}
				}
			case "block":
				if got = c.tryBlock(p.to); p.from == p.to {
					want = protocol.CodeSNSParam
					break
				}
				g.blocks[p] = true
				delete(g.friends, p)
				delete(g.friends, back)
			case "unblock":
				got = c.tryUnblock(p.to)
				delete(g.blocks, p)
			case "allow":
				g.allow[p.from] = rapid.SampledFrom([]string{"AllowAny", "NeedConfirm", "NeedConfirm", "DenyAny"}).Draw(t, "allow")
				c.allow(g.allow[p.from])
			case "agree":
				got, want = c.respond(p.to, protocol.ResponseAgree), g.respond(back, protocol.ResponseAgree)
			case "agree and add":
				got, want = c.respond(p.to, protocol.ResponseAgreeAndAdd), g.respond(back, protocol.ResponseAgreeAndAdd)
			case "reject":
				got, want = c.respond(p.to, protocol.ResponseReject), g.respond(back, protocol.ResponseReject)
			case "forget received", "forget sent":
				kind, mine := protocol.PendencyComeIn, g.received
				key := back
				if op == "forget sent" {
					kind, mine, key = protocol.PendencySendOut, g.sent, p
				}
				got = ask[protocol.SNSResultReply](c.client, protocol.CmdPendencyDelete, protocol.PendencyDeleteRequest{
					PendencyType: kind, ToAccount: []string{p.to},
				}).ResultItem[0].ResultCode
				if want = protocol.CodeNoPendency; mine[key] {
					want = protocol.OK
					delete(mine, key)
					if op == "forget received" {
						delete(g.unread, key)
					}
				}
			case "read":
				c.must(protocol.CmdPendencyReport, struct{}{})
				maps.DeleteFunc(g.unread, func(q pairOf, _ bool) bool { return q.to == c.user })
			case "away":
				c.process(t)
				c.disconnect()
			case "reload":
				w.reload()
				login()
			}
			if got != want {
				t.Fatalf("%s and %s: code %d, want %d", p.from, p.to, got, want)
			}
			for _, c := range clients {
				c.process(t)
			}
		}
		for _, c := range clients {
			if c.conn == 0 {
				c.comeBack()
				w.advance(syncTime)
				c.process(t)
			}
		}
		for _, c := range clients {
			g.check(t, c)
		}
		saved := stateText(t, w.World, w.at)
		w.reload()
		if loaded := stateText(t, w.World, w.at); loaded != saved {
			t.Fatalf("loaded\n%s\nsaved\n%s", loaded, saved)
		}
	})
}

// check compares what a client is told, and what it was pushed, with the graph.
func (g *graph) check(t *rapid.T, c *relationClient) {
	var friends, applications []string
	unread := 0
	for p := range g.friends {
		if p.from == c.user {
			friends = append(friends, p.to)
		}
	}
	for p := range g.received {
		if p.to == c.user {
			applications = append(applications, "in "+p.from)
			if g.unread[p] {
				unread++
			}
		}
	}
	for p := range g.sent {
		if p.from == c.user {
			applications = append(applications, "out "+p.to)
		}
	}
	slices.Sort(friends)
	slices.Sort(applications)
	if got := slices.Sorted(maps.Keys(c.friends)); !slices.Equal(got, friends) {
		t.Fatalf("%s was pushed the friends %v, want %v", c.user, got, friends)
	}
	if got := slices.Sorted(slices.Values(c.friendList())); !slices.Equal(got, friends) {
		t.Fatalf("%s has the friends %v, want %v", c.user, got, friends)
	}
	if got, n := c.applications(); !slices.Equal(got, applications) || n != unread {
		t.Fatalf("%s has the applications %v, %d unread, want %v, %d", c.user, got, n, applications, unread)
	}
	for _, u := range c.w.sortedAccounts() {
		relation := relationOf(c.w.accounts[c.user], u, false)
		mirror := map[string]string{protocol.AWithB: protocol.BWithA, protocol.BWithA: protocol.AWithB}
		want := relation
		if m, ok := mirror[relation]; ok {
			want = m
		}
		if got := relationOf(u, c.w.accounts[c.user], false); got != want {
			t.Fatalf("%s to %s is %s, the other way %s", c.user, u.id, relation, got)
		}
		if g.blocks[pairOf{c.user, u.id}] && relation != protocol.NoRelation {
			t.Fatalf("%s has blocked %s: %s", c.user, u.id, relation)
		}
	}
}
