package drivercheck

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/imsim/imsim/fakeserver"
	"github.com/imsim/imsim/port"
)

// introduce is over when the driver has started; whatever was wrong with the
// hello was found there.
func (p *probe) introduce() error { return nil }

func (p *probe) unknown() error {
	if err := p.refused("a method that the protocol does not have", port.CodeUnknownMethod, "imsimNoSuchMethod", args{}); err != nil {
		return err
	}
	if err := p.refused("a call to an instance that was never made", port.CodeBadParams, "call", args{"instance": "nobody", "api": "logout", "args": []any{}}); err != nil {
		return err
	}
	return p.refused("a call without instance", port.CodeBadParams, "call", args{"api": "logout", "args": []any{}})
}

func (p *probe) create() error {
	good := args{"instance": "own", "SDKAppID": p.server.AppID(), "url": p.server.URL()}
	if _, err := p.driver.Ask(p.ctx, "create", args{"instance": "own", "SDKAppID": p.server.AppID()}); err == nil {
		return errors.New("create without url must be refused: no instance can do without")
	}
	if _, err := p.instance(); err != nil {
		return err
	}
	second, err := p.instance()
	if err != nil {
		return fmt.Errorf("a second instance: %w", err)
	}
	good["instance"] = second.Name()
	return p.refused("a name that was used before", port.CodeBadParams, "create", good)
}

func (p *probe) lacking() error {
	i, err := p.instance()
	if err != nil {
		return err
	}
	answer, err := i.Call(p.ctx, "imsimNoSuchAPI")
	if err := refusedWith("a method that no SDK has", port.CodeNotImplemented, answer.Value, err); err != nil {
		return err
	}
	if err := i.Destroy(p.ctx); err != nil {
		return fmt.Errorf("destroy: %w", err)
	}
	return nil
}

func (p *probe) login() error {
	_, err := p.user("alice")
	return err
}

func (p *probe) refusal() error {
	i, err := p.instance()
	if err != nil {
		return err
	}
	answer, err := i.Call(p.ctx, "login", args{"userID": "alice", "userSig": "no ticket"})
	var failed *port.CallError
	var missing *port.NotImplementedError
	switch {
	case errors.As(err, &missing):
		return skip("login is not implemented")
	case err == nil:
		return fmt.Errorf("login with a bad userSig must fail, but was answered with %s", shown(string(answer.Value)))
	case !errors.As(err, &failed):
		return fmt.Errorf("login with a bad userSig must fail with the SDK's error, but: %w", err)
	case failed.Code <= 0:
		return fmt.Errorf("login with a bad userSig must fail with the SDK's own code, but did with %d", failed.Code)
	}
	return nil
}

func (p *probe) longLines() error {
	i, err := p.user("alice")
	if err != nil {
		return err
	}
	text := strings.Repeat("long ", 40_000) + "\u2028\u2029\x7f \"\\\n\t é 漢字 \U0001F600"
	v, err := p.call(i, "createTextMessage", text2(text))
	if err != nil {
		return err
	}
	if got := v.Get("payload.text").Str; got != text {
		return fmt.Errorf("a text of %d bytes came back as %d bytes, or with other characters: …%q, want …%q", len(text), len(got), end(got), end(text))
	}
	return nil
}

func end(s string) string { return s[max(0, len(s)-24):] }

// outOfOrder withholds one reply of the backend: whatever else is asked must
// be answered meanwhile.
func (p *probe) outOfOrder() error {
	i, err := p.user("alice")
	if err != nil {
		return err
	}
	held, err := p.hold(i)
	if err != nil {
		return err
	}
	if _, err := p.instance(); err != nil {
		return fmt.Errorf("while a call was on its way: %w", err)
	}
	// Any answer will do: it is asked while the first is open.
	if _, err := i.Call(p.ctx, "createTextMessage", text2("meanwhile")); isBroken(err) {
		return fmt.Errorf("while a call was on its way: %w", err)
	}
	if err := i.Destroy(p.ctx); err != nil {
		return fmt.Errorf("destroy while a call was on its way: %w", err)
	}
	return <-held
}

// hold makes a call that the backend does not answer. What the channel gives
// says whether destroy answered it.
func (p *probe) hold(i port.Instance) (<-chan error, error) {
	if err := p.server.Fault(fakeserver.Fault{UserID: "alice", DropRequests: []string{fakeserver.Any}}); err != nil {
		return nil, err
	}
	message, err := p.call(i, "createTextMessage", text2("never answered"))
	if err != nil {
		return nil, err
	}
	ref := message.Get("$ref").Str
	if ref == "" {
		return nil, errNoRef(message)
	}
	held := make(chan error, 1)
	asked := p.await(`"api":"sendMessage"`)
	go func() {
		answer, err := i.Call(p.ctx, "sendMessage", args{"$ref": ref})
		var missing *port.NotImplementedError
		if errors.As(err, &missing) {
			held <- skip("sendMessage is not implemented")
			return
		}
		held <- refusedWith("a call that is open when its instance is destroyed", port.CodeDestroyed, answer.Value, err)
	}()
	<-asked
	return held, nil
}

func isBroken(err error) bool {
	var broken *port.Breakdown
	return errors.As(err, &broken)
}

func (p *probe) destroy() error {
	first, err := p.user("alice")
	if err != nil {
		return err
	}
	second, err := p.user("bob")
	if err != nil {
		return err
	}
	if err := first.Destroy(p.ctx); err != nil {
		return err
	}
	var result json.RawMessage
	if result, err = p.driver.Ask(p.ctx, "call", args{"instance": first.Name(), "api": "logout", "args": []any{}}); err == nil {
		return fmt.Errorf("a call to a destroyed instance must be refused, but was answered with %s", result)
	}
	if isBroken(err) {
		return err
	}
	if _, err := p.call(second, "logout"); err != nil {
		return fmt.Errorf("the other instance, after a destroy: %w", err)
	}
	return nil
}

// end leaves an instance with a connection behind: closing the probe is the test.
func (p *probe) end() error {
	_, err := p.user("alice")
	return err
}
