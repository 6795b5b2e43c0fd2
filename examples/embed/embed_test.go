package embed

import (
	"testing"

	"github.com/imsim/imsim/client"
	"github.com/imsim/imsim/fakeserver"
)

func TestKickedOut(t *testing.T) {
	srv, ctx := fakeserver.Run(t), t.Context() // a backend that closes with the test
	alice, _ := client.Create(client.Options{SDKAppID: srv.AppID(), URL: srv.URL()})
	defer alice.Destroy(ctx)
	kicked := make(chan client.Event, 1)
	alice.On(client.EventKickedOut, client.Handle(func(e client.Event) { kicked <- e }))
	if _, err := alice.Login(ctx, client.LoginOptions{UserID: "alice", UserSig: srv.UserSig("alice")}); err != nil {
		t.Fatal(err)
	}
	srv.Kick("alice", fakeserver.MultipleDevice)
	<-kicked
}
