package scenarios

import (
	"fmt"
	"strings"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/port"
	"github.com/imsim/imsim/protocol"
)

// wholeProfile sets every standard field.
var wholeProfile = args{
	"nick": "Al", "avatar": "https://example.com/al.png", "gender": "Gender_Type_Female", "birthday": 20000101,
	"location": "Shenzhen", "selfSignature": "hi there", "allowType": "AllowType_Type_NeedConfirm", "language": 3,
	"messageSettings": 1, "adminForbidType": "AdminForbid_Type_None", "level": 4, "role": 5,
}

func wantProfile(v Value) {
	for name, value := range wholeProfile {
		v.Want(name, value)
	}
}

func userProfileCases() []Case {
	read := []Case{
		{
			Name: "a new account's profile has the documented defaults", Covers: covers("getMyProfile"), Source: "relations.md §2.1",
			Run: func(s *Stage) {
				v := s.Login("alice").Call("getMyProfile")
				v.Want("userID", "alice").Want("nick", "").Want("gender", "").Want("birthday", 0).Want("location", "")
				v.Want("selfSignature", "").Want("allowType", "AllowType_Type_AllowAny").Want("language", 0).Want("avatar", "")
				v.Want("messageSettings", 0).Want("adminForbidType", "AdminForbid_Type_None").Want("level", 0).Want("role", 0)
				v.Want("profileCustomField", []string{})
			},
		},
		{
			Name: "getUserProfile leaves out users that do not exist", Covers: covers("getUserProfile"), Source: "relations.md §2.2",
			Run: func(s *Stage) {
				s.CreateUsers("bob", "carol")
				u := s.Login("alice")
				v := u.Call("getUserProfile", args{"userIDList": []string{"bob", "nobody", "carol"}})
				v.WantList("#.userID", "bob", "carol")
				u.Call("getUserProfile", args{"userIDList": []string{"nobody"}}).Want("@this", []string{})
			},
		},
		{
			Name: "getUserProfile of nobody resolves an empty list", Covers: covers("getUserProfile"), Source: "relations.md §2.2",
			Run: func(s *Stage) {
				s.Login("alice").Call("getUserProfile", args{"userIDList": []string{}}).Want("@this", []string{})
			},
		},
		{
			Name: "getUserProfile throws without a list", Covers: covers("getUserProfile"), Source: "relations.md §1",
			Run: func(s *Stage) {
				u := s.Login("alice")
				u.Throws("getUserProfile", args{"userIDList": "bob"})
				u.Throws("getUserProfile", args{})
			},
		},
		{
			Name:   "getUserProfile cuts a list at 100 up to 2.27, 3.6 asks again",
			Covers: covers("getUserProfile"), Source: "relations.md §2.2",
			Run: func(s *Stage) {
				ids := make([]string, 120)
				for i := range ids {
					ids[i] = fmt.Sprintf("user%d", i)
				}
				s.CreateUsers(ids...)
				got := len(s.Login("alice").Call("getUserProfile", args{"userIDList": ids}).Array())
				want := Versions[int]{100, 100, 120}.allowed(s.hello)
				if got != want[0] && got != want[len(want)-1] {
					s.Failf("%d profiles, want %v", got, want)
				}
			},
		},
	}
	write := []Case{
		refusedBeforeReady(map[string]any{"updateMyProfile": args{"nick": "x"}}),
		{
			Name: "updateMyProfile sets every standard field and resolves the profile", Covers: covers("updateMyProfile", "getMyProfile", "getUserProfile", "PROFILE_UPDATED"),
			Source: "relations.md §2.3", Run: func(s *Stage) {
				alice, bob := pair(s)
				look(alice)
				v := alice.Call("updateMyProfile", wholeProfile)
				v.Want("userID", "alice")
				wantProfile(v)
				wantProfile(alice.Once("PROFILE_UPDATED", "0.userID", "alice").Get("0"))
				wantProfile(alice.Call("getMyProfile"))
				wantProfile(bob.Call("getUserProfile", args{"userIDList": []string{"alice"}}).Get("0"))
			},
		},
		{
			Name: "updateMyProfile leaves fields alone that are not given", Covers: covers("updateMyProfile"), Source: "relations.md §2.3",
			Run: func(s *Stage) {
				alice := s.Login("alice")
				alice.Call("updateMyProfile", args{"nick": "Al", "level": 2})
				alice.Call("updateMyProfile", args{"level": 3}).Want("nick", "Al").Want("level", 3)
			},
		},
		{
			Name: "custom fields are added and changed by their keys", Covers: covers("updateMyProfile", "getUserProfile"), Source: "relations.md §2.1, §2.3",
			Run: func(s *Stage) {
				alice, bob := pair(s)
				set := func(list ...args) Value { return alice.Call("updateMyProfile", args{"profileCustomField": list}) }
				set(args{"key": "Tag_Profile_Custom_t1", "value": "v1"})
				set(args{"key": "Tag_Profile_Custom_t1", "value": "v2"}, args{"key": "Tag_Profile_Custom_t2", "value": "w"})
				v := bob.Call("getUserProfile", args{"userIDList": []string{"alice"}}).Get("0")
				v.Want(`profileCustomField.#(key=="Tag_Profile_Custom_t1").value`, "v2")
				v.Want(`profileCustomField.#(key=="Tag_Profile_Custom_t2").value`, "w")
				v.Want("profileCustomField.#", 2)
			},
		},
		{
			Name: "the profile is kept for the next login", Covers: covers("updateMyProfile", "getMyProfile"), Source: "relations.md §2.2",
			Run: func(s *Stage) {
				alice := s.Login("alice")
				alice.Call("updateMyProfile", wholeProfile)
				alice.Call("logout")
				alice.Expect("SDK_NOT_READY")
				wantProfile(s.Login("alice").Call("getMyProfile"))
			},
		},
		{
			Name: "values that the SDK knows to be wrong are refused with 2721", Covers: covers("updateMyProfile"), Source: "relations.md §2.3",
			Run: func(s *Stage) {
				u := s.Login("alice")
				look(u)
				for _, bad := range []args{
					{}, {"foo": 1}, {"gender": "x"}, {"allowType": "x"}, {"adminForbidType": "x"}, {"messageSettings": 2},
					{"nick": strings.Repeat("x", 501)}, {"nick": 7},
					{"profileCustomField": []args{{"key": "hobby", "value": "x"}}},
					{"profileCustomField": []args{{"key": "Tag_Profile_Custom_t", "value": 7}}},
				} {
					u.Fails(2721, "updateMyProfile", bad)
				}
				u.Never("PROFILE_UPDATED")
			},
		},
		{
			Name: "an empty list of custom fields is refused with 2722, another type throws", Covers: covers("updateMyProfile"), Source: "relations.md §2.3",
			Run: func(s *Stage) {
				u := s.Login("alice")
				u.Fails(2722, "updateMyProfile", args{"profileCustomField": []args{}})
				u.Throws("updateMyProfile", args{"profileCustomField": "x"})
			},
		},
		{
			Name: "values that only the server knows to be too long are refused with 40601", Covers: covers("updateMyProfile"), Source: "semantics.md §4.1, §6.3",
			Run: func(s *Stage) {
				u := s.Login("alice")
				u.Fails(40601, "updateMyProfile", args{"location": strings.Repeat("x", 17)})
				u.Fails(40601, "updateMyProfile", args{"nick": strings.Repeat("名", 167)}) // the SDKs count 2 bytes for any character
				u.Fails(40601, "updateMyProfile", args{"nick": "other", "selfSignature": strings.Repeat("x", 501)})
				u.Fails(40601, "updateMyProfile", args{"avatar": strings.Repeat("x", 501)})
				u.Fails(40601, "updateMyProfile", args{"profileCustomField": []args{{"key": "Tag_Profile_Custom_t", "value": strings.Repeat("x", 501)}}})
				u.Call("getMyProfile").Want("nick", "").Want("selfSignature", "")
				u.Call("updateMyProfile", args{"location": strings.Repeat("x", 16), "nick": strings.Repeat("x", 250)})
			},
		},
		{
			Name: "a value of the wrong type is refused with 40610", Covers: covers("updateMyProfile"), Source: "semantics.md §4.1, §6.3", Level: Extended,
			Run: func(s *Stage) {
				u := s.Login("alice")
				u.Fails(40610, "updateMyProfile", args{"level": -1})
			},
		},
		{
			Name: "a custom key longer than 8 bytes is unknown: 40009", Covers: covers("updateMyProfile"), Source: "semantics.md §4.1, §6.3", Level: Extended,
			Run: func(s *Stage) {
				s.Login("alice").Fails(40009, "updateMyProfile", args{"profileCustomField": []args{{"key": "Tag_Profile_Custom_ninechars", "value": "x"}}})
			},
		},
		{
			Name: "an error of the server rejects with its code and changes nothing", Covers: covers("updateMyProfile"), Source: "relations.md §8",
			Run: func(s *Stage) {
				u := s.Login("alice")
				look(u)
				s.Fault(fakeserver.Fault{ErrorReplies: map[string]int{protocol.CmdProfileSet: 40005}, Count: 1})
				u.Fails(40005, "updateMyProfile", args{"nick": "bad"})
				u.Never("PROFILE_UPDATED")
				u.Call("getMyProfile").Want("nick", "")
			},
		},
		{
			Name: "messages carry the sender's nick and avatar", Covers: covers("updateMyProfile", "MESSAGE_RECEIVED"), Source: "messages.md §3.1",
			Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Call("updateMyProfile", args{"nick": "Al", "avatar": "https://example.com/al.png"})
				alice.Say("bob", "who am I")
				bob.Expect("MESSAGE_RECEIVED", "0.nick", "Al", "0.avatar", "https://example.com/al.png")
			},
		},
	}
	return append(read, write...)
}

func profilePushCases() []Case {
	return []Case{
		{
			Name: "the conversation with oneself shows the own profile", Covers: covers("updateMyProfile", "getConversationList"),
			Level: Extended, Source: "relations.md §2.2", Run: func(s *Stage) {
				u := s.Login("alice")
				u.Call("updateMyProfile", args{"nick": "A"})
				u.Say("alice", "note to self")
				u.Barrier()
				u.Conversation("C2Calice").Want("userProfile.nick", "A")
				u.Call("updateMyProfile", args{"nick": "Al"})
				u.Conversation("C2Calice").Want("userProfile.nick", "Al")
			},
		},
		{
			Name: "the user's other instance gets PROFILE_UPDATED with all that is set", Covers: covers("updateMyProfile", "PROFILE_UPDATED", "getMyProfile"),
			Server: webInstances(2), Source: "relations.md §2.4, §7", Run: func(s *Stage) {
				first, second := s.Login("alice"), s.Login("alice")
				look(second)
				first.Call("updateMyProfile", args{"nick": "Al", "birthday": 19900102})
				second.Once("PROFILE_UPDATED", "0.userID", "alice", "0.nick", "Al", "0.birthday", 19900102)
				second.Call("getMyProfile").Want("nick", "Al")
			},
		},
		{
			Name: "a friend gets PROFILE_UPDATED, a stranger does not", Covers: covers("updateMyProfile", "PROFILE_UPDATED"),
			Source: "relations.md §2.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				carol := s.Login("carol")
				alice.Befriend(bob)
				look(bob, carol)
				alice.Call("updateMyProfile", args{"nick": "Al", "selfSignature": "new"})
				bob.Expect("PROFILE_UPDATED", "0.userID", "alice", "0.nick", "Al", "0.selfSignature", "new")
				carol.Never("PROFILE_UPDATED")
			},
		},
		{
			Name: "of a one-way friendship only the side that has the friend hears of the other's profile", Covers: covers("updateMyProfile", "PROFILE_UPDATED"),
			Source: "relations.md §2.4, §4.4", Level: Extended, Run: func(s *Stage) {
				alice, bob := pair(s)
				look(alice, bob)
				alice.Call("addFriend", friendOptions("bob", "type", "Add_Type_Single"))
				alice.SeesFriends("bob")
				look(alice, bob)
				alice.Call("updateMyProfile", args{"nick": "Al"})
				bob.Never("PROFILE_UPDATED")
				look(alice)
				bob.Call("updateMyProfile", args{"nick": "Bo"})
				alice.Expect("PROFILE_UPDATED", "0.userID", "bob", "0.nick", "Bo")
			},
		},
		{
			Name: "a friend's profile push shows in the friend list; from 2.27 on with FRIEND_LIST_UPDATED", Covers: covers("PROFILE_UPDATED", "FRIEND_LIST_UPDATED", "getFriendList", "updateMyProfile"),
			Source: "relations.md §2.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Befriend(bob)
				look(bob)
				alice.Call("updateMyProfile", args{"nick": "Al", "avatar": "https://example.com/al.png"})
				bob.Sees("PROFILE_UPDATED", func(v Value) bool { return same(v.Get("0.nick").Result, "Al") })
				if s.later() {
					bob.Sees("FRIEND_LIST_UPDATED", func(v Value) bool { return same(v.Get("0.profile.nick").Result, "Al") })
				} else if genuine(s.hello) == "2.14" {
					bob.Never("FRIEND_LIST_UPDATED")
				}
				bob.Friend("alice").Want("profile.nick", "Al").Want("profile.avatar", "https://example.com/al.png")
			},
		},
		{
			Name: "a former friend hears of the profile no more", Covers: covers("PROFILE_UPDATED", "deleteFriend"), Source: "relations.md §2.4",
			Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Befriend(bob)
				look(alice, bob)
				alice.Call("deleteFriend", args{"userIDList": []string{"bob"}})
				bob.SeesFriends()
				look(bob)
				alice.Call("updateMyProfile", args{"nick": "Al"})
				bob.Never("PROFILE_UPDATED")
			},
		},
		{
			Name: "a profile change that was missed is told after the return", Covers: covers("PROFILE_UPDATED", "NET_STATE_CHANGE"),
			Needs: []string{port.CapClock}, Source: "session.md §7, relations.md §2.4", Run: func(s *Stage) {
				alice, bob := pair(s)
				alice.Befriend(bob)
				away(s, bob)
				alice.Call("updateMyProfile", args{"nick": "Al"})
				back(s, bob)
				if genuine(s.hello) == "3.6" { // reads its friends again, so that the push tells nothing new
					bob.Sees("FRIEND_LIST_UPDATED", func(v Value) bool { return same(v.Get("0.profile.nick").Result, "Al") })
					return
				}
				bob.Sees("PROFILE_UPDATED", func(v Value) bool { return same(v.Get("0.nick").Result, "Al") })
			},
		},
	}
}

// away takes a user's network away; back gives it again. The other users stay.
func away(s *Stage, u *User) {
	s.Advance(settled)
	u.look()
	s.Fault(fakeserver.Fault{UserID: u.ID, HangConnections: true})
	s.Cut(u.ID)
	u.Expect("NET_STATE_CHANGE", "state", "connecting")
}

func back(s *Stage, u *User) {
	s.ClearFaults()
	u.comeBack()
	s.Advance(settled)
}
