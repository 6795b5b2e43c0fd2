package scenarios

import (
	"strings"
	"time"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/protocol"
)

func polled(o *fakeserver.Options) { o.LongPolling = true }

// roomWays is how what happens in a live room reaches its members.
var roomWays = []struct {
	name   string
	server func(*fakeserver.Options)
}{{"by push", nil}, {"by long polling", polled}}

// joinedBy recognises the tip that somebody joined.
func joinedBy(userID string) func(Value) bool {
	return func(m Value) bool { return isTip(1)(m) && m.Get("payload.operatorID").Str == userID }
}

func liveRoomCases() []Case {
	var cases []Case
	for _, way := range roomWays {
		cases = append(cases,
			Case{
				Name: "messages and tips of a live room arrive " + way.name, Covers: covers("joinGroup", "sendMessage", "MESSAGE_RECEIVED"),
				Source: "groups.md §6.1", Server: way.server,
				Run: func(s *Stage) {
					users := s.Crowd(groupRoom, "room", "alice", "bob")
					alice, bob := users[0], users[1]
					carol := s.Login("carol")
					carol.Call("joinGroup", args{"groupID": "room"}).Want("status", "JoinedSuccess").Get("group").Want("type", groupRoom)
					alice.Got("the tip of carol", joinedBy("carol"))
					alice.SayIn("room", "hello")
					bob.Hears("hello").Want("from", "alice").Want("conversationID", "GROUProom")
					carol.Hears("hello")
					bob.SayIn("room", "hi")
					alice.Hears("hi")
					carol.Call("quitGroup", "room")
					alice.SayIn("room", "without carol")
					bob.Hears("without carol")
					carol.NoMessage("a message", func(m Value) bool { return m.Get("payload.text").Str == "without carol" })
				},
			},
			Case{
				Name: "a dismissed live room is left, " + way.name, Covers: covers("dismissGroup"), Source: "groups.md §6.2", Server: way.server,
				Run: func(s *Stage) {
					users := s.Crowd(groupRoom, "room", "alice", "bob")
					users[0].Call("dismissGroup", "room")
					users[1].Noticed(5)
					users[1].WaitGroups()
				},
			},
		)
	}
	return append(cases,
		Case{
			Name: "who joins a live room gets the tip of it too, a second later at most", Covers: covers("joinGroup", "MESSAGE_RECEIVED"),
			Source: "groups.md §3.6, §5.4", Needs: []string{port.CapClock},
			Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.NewGroup(groupRoom, "room", nil)
				bob.Call("joinGroup", args{"groupID": "room"}).Want("status", "JoinedSuccess")
				s.settle(alice)
				bob.Barrier()
				s.Advance(time.Second) // it may have come before the SDK knew the room
				bob.Got("its own tip", joinedBy("bob"))
			},
		},
		Case{
			Name: "messages of a live room cannot be deleted: 10035", Covers: covers("deleteMessage"), Source: "semantics.md §3.5, api.md §1",
			Run: func(s *Stage) {
				users := s.Crowd(groupRoom, "room", "alice", "bob")
				alice, bob := users[0], users[1]
				sent := alice.SayIn("room", "stays")
				got := bob.Hears("stays")
				alice.Fails(10035, "deleteMessage", refs([]Value{sent}))
				bob.Fails(10035, "deleteMessage", refs([]Value{got}))
			},
		},
		Case{
			Name: "one live room at a time: joining another leaves the first", Covers: covers("joinGroup"), Source: "groups.md §6.1",
			Run: func(s *Stage) {
				alice, dora, bob := s.Login("alice"), s.Login("dora"), s.Login("bob")
				alice.NewGroup(groupRoom, "r1", nil)
				dora.NewGroup(groupRoom, "r2", nil)
				bob.Call("joinGroup", args{"groupID": "r1"}).Want("status", "JoinedSuccess")
				bob.Call("joinGroup", args{"groupID": "r2"}).Want("status", "JoinedSuccess")
				s.settle(alice, dora, bob)
				alice.SayIn("r1", "in the first")
				dora.SayIn("r2", "in the second")
				bob.Hears("in the second")
				bob.NoMessage("a message of the first room", func(m Value) bool { return m.Get("conversationID").Str == "GROUPr1" })
			},
		},
		Case{
			Name: "the number of those online in a live room", Covers: covers("getGroupOnlineMemberCount"), Source: "groups.md §3.8",
			Run: func(s *Stage) {
				users := s.Crowd(groupRoom, "room", "alice", "bob")
				users[1].Call("getGroupOnlineMemberCount", "room").Want("memberCount", 2)
				carol := s.Login("carol")
				carol.Call("getGroupOnlineMemberCount", "room").Want("memberCount", 0)
			},
		},
		Case{
			Name: "who did not join a live room cannot send", Covers: covers("sendMessage"), Source: "groups.md §6.1",
			Run: func(s *Stage) {
				s.Login("alice").NewGroup(groupRoom, "room", nil)
				bob := s.Login("bob")
				bob.FailsAs(from227(2100, 2101), "sendMessage", bob.GroupText("room", "hello").Ref())
			},
		},
		Case{
			Name: "somebody without a login listens to a live room", Covers: covers("joinGroup"), Source: "groups.md §6.3", Level: Extended,
			Run: func(s *Stage) {
				alice := s.Login("alice")
				alice.NewGroup(groupRoom, "room", nil)
				guest := s.Instance("guest")
				guest.Call("joinGroup", args{"groupID": "room", "type": groupRoom}).Want("status", "JoinedSuccess")
				alice.SayIn("room", "hello guest")
				guest.Hears("hello guest")
				guest.Call("joinGroup", args{"groupID": "room", "type": groupRoom}).Want("status", "AlreadyInGroup")
				guest.Call("quitGroup", "room")
				guest.Fails(2623, "quitGroup", "room")
			},
		},
		Case{
			Name: "a common group cannot be joined without a login", Covers: covers("joinGroup"), Source: "groups.md §6.3", Level: Extended,
			Run: func(s *Stage) {
				s.Login("alice").NewGroup(groupPublic, "g1", openGroup)
				s.Instance("guest").Fails(2662, "joinGroup", args{"groupID": "g1", "type": groupRoom})
			},
		},
		Case{
			Name: "nobody can be added to or removed from a live room", Covers: covers("addGroupMember", "deleteGroupMember"), Source: "groups.md §7",
			Run: func(s *Stage) {
				users := s.Crowd(groupRoom, "room", "alice", "bob")
				s.CreateUsers("carol")
				users[0].Fails(2661, "addGroupMember", args{"groupID": "room", "userIDList": []string{"carol"}})
				users[0].FailsAs(from227(2680, 3122), "deleteGroupMember", args{"groupID": "room", "userIDList": []string{"bob"}})
			},
		},
	)
}

func attributeCases() []Case {
	return []Case{
		{
			Name:   "attributes are set, read, deleted, and everybody hears of it",
			Covers: covers("initGroupAttributes", "setGroupAttributes", "deleteGroupAttributes", "getGroupAttributes", "GROUP_ATTRIBUTES_UPDATED"),
			Source: "groups.md §6.4", Run: func(s *Stage) {
				users := s.Crowd(groupRoom, "room", "alice", "bob")
				alice, bob := users[0], users[1]
				all := func(u *User) Value {
					return u.Call("getGroupAttributes", args{"groupID": "room", "keyList": []string{}}).Get("groupAttributes")
				}
				alice.Call("initGroupAttributes", args{"groupID": "room", "groupAttributes": args{"k1": "v1", "k2": "v2"}}).
					Want("groupAttributes", args{"k1": "v1", "k2": "v2"})
				bob.Expect("GROUP_ATTRIBUTES_UPDATED", "groupID", "room", "groupAttributes", args{"k1": "v1", "k2": "v2"})
				bob.Call("setGroupAttributes", args{"groupID": "room", "groupAttributes": args{"k1": "new", "k3": "v3"}})
				alice.Expect("GROUP_ATTRIBUTES_UPDATED", "groupAttributes", args{"k1": "new", "k2": "v2", "k3": "v3"})
				all(alice).Want("@this", args{"k1": "new", "k2": "v2", "k3": "v3"})
				bob.Barrier()
				bob.Call("deleteGroupAttributes", args{"groupID": "room", "keyList": []string{"k2"}}).Want("keyList", []string{"k2"})
				alice.Expect("GROUP_ATTRIBUTES_UPDATED", "groupAttributes", args{"k1": "new", "k3": "v3"})
				alice.Barrier()
				alice.Call("deleteGroupAttributes", args{"groupID": "room", "keyList": []string{}})
				bob.Expect("GROUP_ATTRIBUTES_UPDATED", "groupAttributes", args{})
				carol := s.Login("carol")
				carol.Call("joinGroup", args{"groupID": "room"})
				all(carol).Want("@this", args{})
			},
		},
		{
			Name: "who missed a change of attributes cannot write until he got them", Covers: covers("setGroupAttributes", "getGroupAttributes"),
			Source: "groups.md §6.4", Run: func(s *Stage) {
				users := s.Crowd(groupRoom, "room", "alice", "bob")
				alice, bob := users[0], users[1]
				set := func(value string) args { return args{"groupID": "room", "groupAttributes": args{"k": value}} }
				s.Fault(fakeserver.Fault{UserID: "bob", DropPushes: []string{protocol.CmdPush}, Count: 1})
				alice.Call("setGroupAttributes", set("1"))
				bob.Barrier()
				bob.Fails(10056, "setGroupAttributes", set("2"))
				bob.Call("getGroupAttributes", args{"groupID": "room", "keyList": []string{"k", "none"}}).Want("groupAttributes", args{"k": "1"})
				bob.Call("setGroupAttributes", set("2"))
				alice.Expect("GROUP_ATTRIBUTES_UPDATED", "groupAttributes", args{"k": "2"})
				bob.Fails(10050, "deleteGroupAttributes", args{"groupID": "room", "keyList": []string{"none"}})
			},
		},
		{
			Name: "attributes have limits", Covers: covers("initGroupAttributes"), Source: "semantics.md §5", Level: Extended,
			Run: func(s *Stage) {
				alice := s.Crowd(groupRoom, "room", "alice")[0]
				many := args{}
				for _, c := range "abcdefghijklmnopq" {
					many[string(c)] = "v"
				}
				long := func(n int) string { return strings.Repeat("x", n) }
				alice.Fails(10047, "initGroupAttributes", args{"groupID": "room", "groupAttributes": many})
				alice.Fails(10045, "initGroupAttributes", args{"groupID": "room", "groupAttributes": args{long(33): "v"}})
				alice.Fails(10046, "initGroupAttributes", args{"groupID": "room", "groupAttributes": args{"k": long(4001)}})
			},
		},
		{
			Name: "2.14: attributes are for live rooms that one joined", Covers: covers("getGroupAttributes", "initGroupAttributes"), Source: "groups.md §7",
			Skip: func(h port.Hello) string {
				if genuine(h) == "2.14" {
					return ""
				}
				return "later SDKs allow attributes in all groups"
			},
			Run: func(s *Stage) {
				alice, bob := s.Login("alice"), s.Login("bob")
				alice.NewGroup(groupPublic, "g1", nil)
				alice.NewGroup(groupRoom, "room", nil)
				alice.Fails(2641, "initGroupAttributes", args{"groupID": "g1", "groupAttributes": args{"k": "v"}})
				bob.Fails(2642, "getGroupAttributes", args{"groupID": "room", "keyList": []string{}})
			},
		},
	}
}
