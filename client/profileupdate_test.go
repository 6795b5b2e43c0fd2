package client_test

import (
	"strings"
	"testing"

	"github.com/imsim/imsim/client"
	"github.com/imsim/imsim/fakeserver"
)

func TestUpdatingMyProfile(t *testing.T) {
	srv := fakeserver.Run(t, fakeserver.Options{WebInstances: 2})
	alice, other := online(t, srv, "alice"), online(t, srv, "alice")
	p, err := alice.UpdateMyProfile(alice.ctx, client.UpdateMyProfileOptions{
		Nick: client.Given("Al"), Birthday: client.Given(int64(19900102)), Gender: client.Given(client.GenderFemale),
	})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "nick", p.Nick, "Al")
	equal(t, "birthday", p.Birthday, 19900102)
	for _, u := range []*user{alice, other} {
		list, _ := u.expect(client.EventProfileUpdated).Data.([]*client.Profile)
		if len(list) != 1 || list[0].Nick != "Al" || list[0].Gender != client.GenderFemale {
			t.Errorf("event %+v", list)
		}
		mine, err := u.GetMyProfile(u.ctx)
		if err != nil || mine.Nick != "Al" {
			t.Errorf("%+v, %v", mine, err)
		}
	}
	if m := alice.text("bob", "hi"); m.Nick != "Al" {
		t.Errorf("a new message has nick %q", m.Nick)
	}
	alice.settle()
	n := 0
	for _, name := range alice.names(0) {
		if name == client.EventProfileUpdated {
			n++
		}
	}
	equal(t, "PROFILE_UPDATED on the caller", n, 1)
}

func TestRefusedProfiles(t *testing.T) {
	alice := online(t, fakeserver.Run(t), "alice")
	for name, c := range map[string]struct {
		o    client.UpdateMyProfileOptions
		code int
	}{
		"nothing":          {client.UpdateMyProfileOptions{}, client.CodeProfileParam},
		"no custom fields": {client.UpdateMyProfileOptions{ProfileCustomField: []client.CustomField{}}, client.CodeNothingToUpdate},
		"long nick":        {client.UpdateMyProfileOptions{Nick: client.Given(strings.Repeat("é", 251))}, client.CodeProfileParam},
		"gender":           {client.UpdateMyProfileOptions{Gender: client.Given("f")}, client.CodeProfileParam},
		"allowType":        {client.UpdateMyProfileOptions{AllowType: client.Given("")}, client.CodeProfileParam},
		"messageSettings":  {client.UpdateMyProfileOptions{MessageSettings: client.Given(int64(2))}, client.CodeProfileParam},
		"adminForbidType":  {client.UpdateMyProfileOptions{AdminForbidType: client.Given("x")}, client.CodeProfileParam},
		"custom key": {
			client.UpdateMyProfileOptions{ProfileCustomField: []client.CustomField{{Key: "k", Value: "v"}}}, client.CodeProfileParam,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := alice.UpdateMyProfile(alice.ctx, c.o)
			wantCode(t, err, c.code)
		})
	}
}
