package clientport

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/port"
)

type object = map[string]any

type bench struct {
	t    *testing.T
	ctx  context.Context
	srv  *fakeserver.Server
	port *Port
}

func newBench(t *testing.T) *bench {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	b := &bench{t: t, ctx: ctx, srv: fakeserver.Run(t), port: New(Options{})}
	t.Cleanup(func() {
		if err := b.port.Close(); err != nil {
			t.Error(err)
		}
		cancel()
	})
	return b
}

func (b *bench) instance() *Instance {
	b.t.Helper()
	i, err := b.port.Create(b.ctx, port.Options{SDKAppID: b.srv.AppID(), URL: b.srv.URL()})
	if err != nil {
		b.t.Fatal(err)
	}
	return i.(*Instance)
}

func (b *bench) login(user string) *Instance {
	b.t.Helper()
	i := b.instance()
	b.call(i, "login", object{"userID": user, "userSig": b.srv.UserSig(user)})
	b.wait(i, "sdkStateReady")
	return i
}

func (b *bench) call(i *Instance, api string, args ...any) gjson.Result {
	b.t.Helper()
	a, err := i.Call(b.ctx, api, args...)
	if err != nil {
		b.t.Fatalf("%s: %v", api, err)
	}
	return gjson.ParseBytes(a.Value)
}

func (b *bench) wait(i *Instance, event string) gjson.Result {
	b.t.Helper()
	r, _, err := i.Stream().Wait(b.ctx, 0, port.EventNamed(event))
	if err != nil {
		b.t.Fatalf("%s: %v", event, err)
	}
	return gjson.ParseBytes(r.Data)
}

func (b *bench) fails(i *Instance, kind string, code int, api string, args ...any) *port.CallError {
	b.t.Helper()
	_, err := i.Call(b.ctx, api, args...)
	var e *port.CallError
	if !errors.As(err, &e) || e.Code != code || e.Kind != kind {
		b.t.Fatalf("%s: %v, want %s with %d", api, err, kind, code)
	}
	return e
}

func TestMessagesKeepTheirRefs(t *testing.T) {
	b := newBench(t)
	alice, bob := b.login("alice"), b.login("bob")
	m := b.call(alice, "createTextMessage", object{"to": "bob", "conversationType": "C2C", "payload": object{"text": "hi"}})
	ref := m.Get(`\$ref`).String()
	if !strings.HasPrefix(ref, alice.Name()+".m") || m.Get("status").String() != "unSend" {
		t.Fatalf("created %s", m.Raw)
	}
	sent := b.call(alice, "sendMessage", object{"$ref": ref})
	if sent.Get(`data.message.\$ref`).String() != ref || sent.Get("code").Int() != 0 {
		t.Errorf("sent %s", sent.Raw)
	}
	now, err := alice.Read(b.ctx, ref)
	if err != nil || gjson.GetBytes(now, "status").String() != "success" {
		t.Errorf("read %s, %v", now, err)
	}
	got := b.wait(bob, "onMessageReceived").Get("0")
	if other := got.Get(`\$ref`).String(); !strings.HasPrefix(other, bob.Name()) {
		t.Errorf("received as %s", other)
	}
	_, err = bob.Call(b.ctx, "resendMessage", object{"$ref": ref})
	var p *port.ProtocolError
	if !errors.As(err, &p) || p.Code != port.CodeBadParams {
		t.Errorf("a ref of another instance: %v", err)
	}
	b.fails(alice, port.KindReject, 2105, "sendMessage", object{"ID": "x"})
}

func TestKindsOfFailure(t *testing.T) {
	b := newBench(t)
	i := b.instance()
	b.fails(i, port.KindThrow, port.CodeNone, "login", object{"userID": "alice"})
	b.fails(i, port.KindThrow, port.CodeNone, "login", object{"userID": 7, "userSig": "x"})
	b.fails(i, port.KindReject, 2999, "createTextMessage", object{}) // ready is checked first
	if b.wait(i, "error").Get("code").Int() != 2999 {
		t.Error("ERROR without the code")
	}
	b.fails(i, port.KindReject, 2024, "logout")
	alice := b.login("alice")
	b.fails(alice, port.KindThrow, port.CodeNone, "getMessageList", object{"conversationID": "C2Cbob", "count": 0})
	b.fails(alice, port.KindThrow, port.CodeNone, "pinConversation", object{"conversationID": "C2Cbob"})
	b.fails(alice, port.KindReject, 2500, "pinConversation", object{"conversationID": "C2Cbob", "isPinned": false})
	var missing *port.NotImplementedError
	if _, err := alice.Call(b.ctx, "modifyMessage", object{}); !errors.As(err, &missing) { // of later SDKs
		t.Errorf("modifyMessage: %v", err)
	}
}

func TestCallbacksAndOrder(t *testing.T) {
	b := newBench(t)
	alice := b.login("alice")
	fn := object{"$fn": "f1"}
	b.call(alice, "on", "onConversationListUpdated", fn)
	m := b.call(alice, "createTextMessage", object{"to": "alice", "conversationType": "C2C", "payload": object{"text": "x"}})
	b.call(alice, "sendMessage", object{"$ref": m.Get(`\$ref`).String()})
	b.call(alice, "off", "onConversationListUpdated", fn)
	seq, callbacks := 0, 0
	for _, r := range alice.Stream().Since(0) {
		if seq++; r.Seq != seq {
			t.Fatalf("record %+v out of order", r)
		}
		if r.Kind == port.RecordCallback {
			callbacks++
			if arg := gjson.GetBytes(r.Data, "0"); r.Name != "f1" || arg.Get("name").String() != "onConversationListUpdated" || !arg.Get("data").IsArray() {
				t.Errorf("callback %+v", r)
			}
		}
	}
	if callbacks == 0 {
		t.Error("no callback")
	}
}

func TestAdvanceMovesTimers(t *testing.T) {
	b := newBench(t)
	alice := b.login("alice")
	if err := b.srv.Fault(fakeserver.Fault{DropReplies: []string{"recentcontact.get"}}); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := alice.Call(b.ctx, "getConversationList")
		done <- err
	}()
	for alice.client.Ready() {
		if err := alice.Advance(b.ctx, time.Second); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-done:
			var e *port.CallError
			if !errors.As(err, &e) || e.Code != 2801 {
				t.Errorf("%v, want 2801", err)
			}
			return
		default:
		}
	}
}
