package drivercheck

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/port"
)

func text2(text string) args { return to("bob", args{"text": text}) }

func to(userID string, payload args) args {
	return args{"to": userID, "conversationType": "C2C", "payload": payload}
}

func errNoRef(message gjson.Result) error {
	return fmt.Errorf("a message has its handle in $ref; this one has none: %s", shown(message.Raw))
}

// message makes one, which must have a ref.
func (p *probe) message(i port.Instance, text string) (gjson.Result, error) {
	m, err := p.call(i, "createTextMessage", text2(text))
	if err == nil && m.Get("$ref").Str == "" {
		err = errNoRef(m)
	}
	return m, err
}

func (p *probe) refs() error {
	alice, err := p.user("alice")
	if err != nil {
		return err
	}
	m, err := p.message(alice, "hello")
	if err != nil {
		return err
	}
	ref := m.Get("$ref").Str
	fields, err := alice.Read(p.ctx, ref)
	if err != nil {
		return fmt.Errorf("read %s: %w", ref, err)
	}
	if got := gjson.GetBytes(fields, "payload.text").Str; got != "hello" {
		return fmt.Errorf("read %s must give the message's fields; payload.text is %q, want %q: %s", ref, got, "hello", shown(string(fields)))
	}
	fields, err = alice.Read(p.ctx, "imsim.nothing")
	if err := refusedWith("read of a $ref that nobody gave", port.CodeBadParams, fields, err); err != nil {
		return err
	}
	other, err := p.instance()
	if err != nil {
		return err
	}
	fields, err = other.Read(p.ctx, ref)
	return refusedWith("read of another instance's $ref", port.CodeBadParams, fields, err)
}

// exchange sends a message from alice to bob and waits until bob has it.
func (p *probe) exchange(alice, bob port.Instance, text string) (sent, answer gjson.Result, err error) {
	sent, err = p.message(alice, text)
	if err != nil {
		return sent, answer, err
	}
	answer, err = p.call(alice, "sendMessage", args{"$ref": sent.Get("$ref").Str})
	if err != nil {
		return sent, answer, err
	}
	_, err = p.event(bob, "onMessageReceived", func(data gjson.Result) bool {
		for _, m := range data.Array() {
			if m.Get("payload.text").Str == text && m.Get("$ref").Str != "" {
				return true
			}
		}
		return false
	})
	return sent, answer, err
}

func (p *probe) pair() (alice, bob port.Instance, err error) {
	if alice, err = p.user("alice"); err != nil {
		return alice, bob, err
	}
	bob, err = p.user("bob")
	return alice, bob, err
}

func (p *probe) messages() error {
	alice, bob, err := p.pair()
	if err != nil {
		return err
	}
	_, _, err = p.exchange(alice, bob, "one")
	return err
}

func (p *probe) identity() error {
	alice, bob, err := p.pair()
	if err != nil {
		return err
	}
	sent, answer, err := p.exchange(alice, bob, "one")
	if err != nil {
		return err
	}
	if got, want := answer.Get("data.message.$ref").Str, sent.Get("$ref").Str; got != want {
		return fmt.Errorf("the message that was sent is %q in the answer and %q when it was made: it is one message, and %q is declared", got, want, port.CapIdentity)
	}
	return nil
}

func (p *probe) callbacks() error {
	alice, bob, err := p.pair()
	if err != nil {
		return err
	}
	fn := args{"$fn": "f1"}
	if _, err := p.call(bob, "on", "onMessageReceived", fn); err != nil {
		return err
	}
	if _, _, err := p.exchange(alice, bob, "one"); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(p.ctx, p.wait)
	defer cancel()
	r, _, err := bob.Stream().Wait(ctx, 0, func(r port.Record) bool { return r.Kind == port.RecordCallback })
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%q is declared, but a function given to on was not called back when its event was fired", port.CapCallbacks)
	case err != nil:
		return fmt.Errorf("wait for the callback: %w", err)
	case r.Name != "f1":
		return fmt.Errorf("the function f1 was called back as %q", r.Name)
	}
	return nil
}

func (p *probe) files() error {
	alice, err := p.user("alice")
	if err != nil {
		return err
	}
	for _, file := range []args{
		{"name": "three.txt", "type": "text/plain", "base64": base64.StdEncoding.EncodeToString([]byte("abc"))},
		{"name": "zeros.bin", "size": 3},
	} {
		m, err := p.call(alice, "createFileMessage", to("bob", args{"file": args{"$file": file}}))
		if err != nil {
			return err
		}
		if got := m.Get("payload.fileSize").Int(); got != 3 {
			return fmt.Errorf("a file of 3 bytes became a message with a fileSize of %d", got)
		}
	}
	return nil
}

func (p *probe) upload() error {
	alice, bob, err := p.pair()
	if err != nil {
		return err
	}
	m, err := p.call(alice, "createFileMessage", to("bob", args{"file": args{"$file": args{"name": "a.txt", "base64": "YWJj"}}}))
	if err != nil {
		return err
	}
	if _, err := p.call(alice, "sendMessage", args{"$ref": m.Get("$ref").Str}); err != nil {
		return err
	}
	_, err = p.event(bob, "onMessageReceived", nil)
	return err
}

// clock sees a message's time of creation move with it.
func (p *probe) clock() error {
	alice, err := p.user("alice")
	if err != nil {
		return err
	}
	before, err := p.message(alice, "before")
	if err != nil {
		return err
	}
	const moved = 100 * time.Second
	for range int(moved / time.Second) {
		p.server.Advance(time.Second)
		if err := alice.Advance(p.ctx, time.Second); err != nil {
			return fmt.Errorf("advance: %w", err)
		}
	}
	after, err := p.message(alice, "after")
	if err != nil {
		return err
	}
	if went := after.Get("time").Int() - before.Get("time").Int(); went < int64(moved/time.Second)-1 {
		return fmt.Errorf("%q is declared, but after %s a new message's time is only %d s later", port.CapClock, moved, went)
	}
	return nil
}
