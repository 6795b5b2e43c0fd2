package backend

import (
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

func TestBeforeSendDecides(t *testing.T) {
	const own = protocol.Code(120001)
	custom := "stamped"
	for _, c := range []struct {
		name     string
		decision Decision
		code     protocol.Code
		sender   []string // pushes to the instance that sent
		other    []string // … to the sender's other one
		receiver []string
	}{
		{"passes", Decision{}, protocol.OK, nil, []string{"bob→alice: x (copy)"}, []string{"alice→bob: x"}},
		{"refused", Decision{Refuse: protocol.CodeSendRefused}, protocol.CodeSendRefused, nil, nil, nil},
		{"own code", Decision{Refuse: own, Info: "no"}, own, nil, nil, nil},
		{"dropped", Decision{Drop: true}, protocol.OK, nil, nil, nil},
		{"changed", Decision{MsgBody: textBody("y"), CloudCustomData: &custom}, protocol.OK,
			[]string{"alice→bob: y (modified)"}, []string{"bob→alice: y (copy)"}, []string{"alice→bob: y"}},
		{"no body", Decision{MsgBody: []byte(`{}`)}, protocol.CodeSendRefused, nil, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var asked []Outgoing
			w := newWorld(t, Config{WebInstances: 2, BeforeSend: func(o Outgoing) Decision {
				asked = append(asked, o)
				return c.decision
			}})
			alice, second, bob := w.login("alice"), w.login("alice"), w.login("bob")
			if got := alice.code(protocol.CmdSendMsg, alice.message("bob", "x")); got != c.code {
				t.Fatalf("code %d, want %d", got, c.code)
			}
			alice.expect(c.sender...)
			second.expect(c.other...)
			bob.expect(c.receiver...)
			if len(asked) != 1 || asked[0].From != "alice" || asked[0].To != "bob" || asked[0].REST || asked[0].SDKAppID != appID {
				t.Errorf("asked: %+v", asked)
			}
			if got, want := len(bob.history("alice")), len(c.receiver); got != want {
				t.Errorf("history has %d messages, want %d", got, want)
			}
		})
	}
}

func TestARepeatedSendIsNotAskedAgain(t *testing.T) {
	asked := 0
	w := newWorld(t, Config{BeforeSend: func(Outgoing) Decision { asked++; return Decision{} }})
	alice, bob := w.login("alice"), w.login("bob")
	m := alice.message("bob", "x")
	alice.sendAs(m)
	alice.sendAs(m)
	if bob.expect("alice→bob: x"); asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

func TestMutesEndByTheClock(t *testing.T) {
	w := newWorld(t, Config{})
	alice, bob := w.login("alice"), w.login("bob")
	set := func(body string) { w.rest("openconfigsvr/setnospeaking", body, protocol.OK) }
	sends := func(want protocol.Code) {
		t.Helper()
		if got := alice.code(protocol.CmdSendMsg, alice.message("bob", "x")); got != want {
			t.Errorf("code %d, want %d", got, want)
		}
	}
	set(`{"Set_Account":"alice","C2CmsgNospeakingTime":60}`)
	sends(protocol.CodeMuted)
	set(`{"Set_Account":"alice","GroupmsgNospeakingTime":60}`) // leaves the other as it is
	sends(protocol.CodeMuted)
	w.advance(59 * time.Second)
	sends(protocol.CodeMuted)
	bob.send("alice", "others may")
	w.advance(time.Second)
	sends(protocol.OK)
	set(`{"Set_Account":"alice","C2CmsgNospeakingTime":4294967295}`)
	w.reload()
	w.advance(100 * 365 * 24 * time.Hour)
	alice = w.login("alice")
	sends(protocol.CodeMuted)
	if got := w.rest("openconfigsvr/getnospeaking", `{"Get_Account":"alice"}`, protocol.OK); got["C2CmsgNospeakingTime"] != 4294967295.0 {
		t.Errorf("left: %v", got)
	}
	set(`{"Set_Account":"alice","C2CmsgNospeakingTime":0}`)
	sends(protocol.OK)
}

func TestDeletionOnceASecond(t *testing.T) {
	for every, want := range map[time.Duration]protocol.Code{0: protocol.OK, time.Second: protocol.CodeTooFrequent} {
		w := newWorld(t, Config{DeleteEvery: every})
		alice, bob := w.login("alice"), w.login("bob")
		body := protocol.DeleteC2CRequest{ToAccount: "bob", MsgKeyList: []string{"1_2_3"}}
		first := alice.code(protocol.CmdDeleteC2C, body)
		if second := alice.code(protocol.CmdDeleteC2C, body); first != protocol.OK || second != want {
			t.Errorf("every %v: %d, %d, want %d", every, first, second, want)
		}
		bob.must(protocol.CmdDeleteC2C, body) // each user has an own second
		w.advance(time.Second)
		alice.must(protocol.CmdDeleteC2C, body)
	}
}
