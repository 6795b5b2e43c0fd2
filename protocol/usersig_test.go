package protocol

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Made with Python's own zlib, hmac and base64, for user alice of app
// 1400000000, issued at 1700000000 for a day with the key below:
//
//	s = "TLS.identifier:alice\nTLS.sdkappid:1400000000\nTLS.time:1700000000\nTLS.expire:86400\n"
//	d["TLS.sig"] = b64encode(hmac.new(secret, s.encode(), sha256).digest()).decode()
//	b64encode(zlib.compress(json.dumps(d).encode())).decode().translate(str.maketrans("+/=", "*-_"))
//
// The second has TLS.userbuf "cm9vbQ==" and its line at the end of s.
const (
	vectorSecret = "test-secret-0123456789"
	vectorSig    = "eJyrVgrxCdYrSy1SslJQMtIzUNJRAItkpqTmlWSmZUIkEnMyk1NhUsUp2YkFBZkpQAlDEwMogMqlVhRkFqUCZSzMTOCCJZm5ICFDczTFxZnpIMONo0zKyvKcypKcjKIi0twck7SN03Ity3zc3TyMAi2C8ixLsovys8oNcvzTbZVqAfB8MeY_"
	vectorBufSig = "eJyrVgrxCdYrSy1SslJQMtIzUNJRAItkpqTmlWSmZUIkEnMyk1NhUsUp2YkFBZkpQAlDEwMogMqlVhRkFqUCZSzMTOCCJZm5ICFDczTFxZnpIMNTi7I98v2KzJydi80MnbwNvJ1KQ4odK5LLkyK89UtLDAqdC0Mc85OMkwtDbWFuKC1OLUoqTQNpT861LEsKtLVVqgUAsEg6Jw__"
	vectorApp    = 1400000000
)

var vectorIssued = time.Unix(1700000000, 0)

func TestUserSigVector(t *testing.T) {
	for _, sig := range []string{vectorSig, vectorBufSig} {
		u, err := ParseUserSig(sig)
		if err != nil {
			t.Fatal(err)
		}
		if u.Version != "2.0" || u.Identifier != "alice" || u.SDKAppID != vectorApp || u.Time != 1700000000 || u.Expire != 86400 {
			t.Errorf("read %+v", u)
		}
		if err := u.Verify(vectorSecret, vectorApp, "alice", vectorIssued); err != nil {
			t.Error(err)
		}
		u.UserBuf += "x"
		if err := u.Verify(vectorSecret, vectorApp, "alice", vectorIssued); codeOf(err) != CodeUserSigForged {
			t.Errorf("with another userbuf: %v", err)
		}
	}
	if got, want := mustParse(t, MakeUserSig(vectorSecret, vectorApp, "alice", vectorIssued, 24*time.Hour)), mustParse(t, vectorSig); got != want {
		t.Errorf("made %+v, want %+v", got, want)
	}
}

func mustParse(t testing.TB, sig string) UserSig {
	t.Helper()
	u, err := ParseUserSig(sig)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestUserSigRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret, user := rapid.String().Draw(t, "secret"), rapid.StringN(1, 40, -1).Draw(t, "user")
		app, life := rapid.Uint32().Draw(t, "app"), rapid.Int64Range(0, 10*365*86400).Draw(t, "life")
		sig := MakeUserSig(secret, app, user, vectorIssued, time.Duration(life)*time.Second)
		if strings.ContainsAny(sig, "+/=") {
			t.Fatalf("alphabet: %s", sig)
		}
		u, err := ParseUserSig(sig)
		if err != nil {
			t.Fatal(err)
		}
		last := vectorIssued.Add(time.Duration(life) * time.Second)
		if err := u.Verify(secret, app, user, last); err != nil {
			t.Fatalf("in its last second: %v", err)
		}
		if err := u.Verify(secret, app, user, last.Add(time.Second)); codeOf(err) != CodeUserSigExpired {
			t.Fatalf("a second later: %v", err)
		}
	})
}

// The vendor's order: app, user, expiry, signature. Each case breaks one thing
// and all that comes after it.
func TestUserSigFailuresInOrder(t *testing.T) {
	late := vectorIssued.Add(86401 * time.Second)
	u := mustParse(t, vectorSig)
	for _, c := range []struct {
		name, secret, user string
		app                uint32
		at                 time.Time
		want               Code
	}{
		{"valid", vectorSecret, "alice", vectorApp, vectorIssued, OK},
		{"valid in its last second", vectorSecret, "alice", vectorApp, late.Add(-time.Nanosecond), OK},
		{"other app", "wrong", "bob", 1, late, CodeUserSigOtherApp},
		{"other user", "wrong", "bob", vectorApp, late, CodeUserSigOtherUser},
		{"expired", "wrong", "alice", vectorApp, late, CodeUserSigExpired},
		{"other key", "wrong", "alice", vectorApp, vectorIssued, CodeUserSigForged},
	} {
		if err := u.Verify(c.secret, c.app, c.user, c.at); codeOf(err) != c.want {
			t.Errorf("%s: %v, want %d", c.name, err, c.want)
		}
	}
	for name, change := range map[string]func(*UserSig){
		"time": func(u *UserSig) { u.Time-- }, "expire": func(u *UserSig) { u.Expire++ }, "sig": func(u *UserSig) { u.Sig = "" },
	} {
		forged := u
		change(&forged)
		if err := forged.Verify(vectorSecret, vectorApp, "alice", vectorIssued); codeOf(err) != CodeUserSigForged {
			t.Errorf("changed %s: %v", name, err)
		}
	}
}

func ticket(doc string) string {
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	_, _ = w.Write([]byte(doc))
	_ = w.Close()
	return sigAlphabet.Replace(base64.StdEncoding.EncodeToString(packed.Bytes()))
}

func TestParseUserSigRefuses(t *testing.T) {
	if _, err := ParseUserSig(""); codeOf(err) != CodeUserSigEmpty {
		t.Errorf("empty: %v", err)
	}
	for name, sig := range map[string]string{
		"word": "hello", "cut": vectorSig[:len(vectorSig)/2], "cut by one group": vectorSig[:len(vectorSig)-4],
		"not base64": "~~~~", "no zlib": "aGVsbG8_", "not JSON": ticket("hello"), "array": ticket("[]"), "null": ticket("null"),
		"no identifier": ticket(`{"TLS.ver":"2.0"}`), "identifier number": ticket(`{"TLS.identifier":5}`),
		"expire text": ticket(`{"TLS.identifier":"a","TLS.expire":"x"}`), "expire float": ticket(`{"TLS.identifier":"a","TLS.expire":1.5}`),
		"app negative": ticket(`{"TLS.identifier":"a","TLS.sdkappid":-1}`),
		"bomb":         ticket(`{"TLS.identifier":"a"` + strings.Repeat(" ", maxUserSig) + `}`),
	} {
		if u, err := ParseUserSig(sig); codeOf(err) != CodeUserSigMalformed || u != (UserSig{}) {
			t.Errorf("%s: %+v, %v", name, u, err)
		}
	}
}

// Lives beyond what a time.Duration holds do not turn into the past.
func TestUserSigForEver(t *testing.T) {
	for _, expire := range []int64{10_000_000_000, 1 << 62, 1<<63 - 1} {
		u := UserSig{Identifier: "a", Time: 1700000000, Expire: expire}
		u.Sig = u.sign("k")
		if err := u.Verify("k", 0, "a", vectorIssued.AddDate(200, 0, 0)); err != nil {
			t.Errorf("expire %d: %v", expire, err)
		}
	}
	if u := (UserSig{Time: -1 << 63, Expire: -1 << 63}); !u.ExpiresAt().Before(vectorIssued) {
		t.Errorf("expires at %v", u.ExpiresAt())
	}
}

func FuzzParseUserSig(f *testing.F) {
	for _, sig := range []string{vectorSig, vectorBufSig, "", "x", ticket(`{"TLS.identifier":"a","TLS.time":-9223372036854775808}`)} {
		f.Add(sig)
	}
	f.Fuzz(func(t *testing.T, sig string) {
		u, err := ParseUserSig(sig)
		if err != nil {
			if code := codeOf(err); code != CodeUserSigEmpty && code != CodeUserSigMalformed {
				t.Fatal(err)
			}
			return
		}
		if u.Identifier == "" {
			t.Fatalf("taken: %+v", u)
		}
		_ = u.Verify("k", 1, u.Identifier, u.ExpiresAt())
	})
}
