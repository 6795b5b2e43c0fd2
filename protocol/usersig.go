package protocol

import (
	"bytes"
	"compress/zlib"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// DefaultUserSigLife is the documented default validity of a UserSig.
const DefaultUserSigLife = 180 * 24 * time.Hour

// UserSig is the ticket of a user (version 2.0, HMAC-SHA256; session.md §15).
// It is valid while now ≤ Time + Expire.
type UserSig struct {
	Version    string `json:"TLS.ver"`
	Identifier string `json:"TLS.identifier"` // userID
	SDKAppID   uint64 `json:"TLS.sdkappid"`
	Expire     int64  `json:"TLS.expire"` // lifetime, seconds
	Time       int64  `json:"TLS.time"`   // issued, seconds
	UserBuf    string `json:"TLS.userbuf,omitempty"`
	Sig        string `json:"TLS.sig"`
}

var sigAlphabet = strings.NewReplacer("+", "*", "/", "-", "=", "_")
var sigAlphabetBack = strings.NewReplacer("*", "+", "-", "/", "_", "=")

// maxUserSig bounds a decoded ticket; genuine ones have a few hundred bytes.
const maxUserSig = 64 << 10

// MakeUserSig issues a ticket. The lifetime is cut to whole seconds.
func MakeUserSig(secret string, sdkAppID uint32, userID string, issued time.Time, life time.Duration) string {
	u := UserSig{
		Version: "2.0", Identifier: userID, SDKAppID: uint64(sdkAppID),
		Time: issued.Unix(), Expire: int64(life / time.Second),
	}
	u.Sig = u.sign(secret)
	doc, _ := json.Marshal(u) // strings and numbers only: cannot fail
	var packed bytes.Buffer
	w := packers.Get().(*zlib.Writer)
	w.Reset(&packed)
	_, _ = w.Write(doc)
	_ = w.Close()
	packers.Put(w)
	return sigAlphabet.Replace(base64.StdEncoding.EncodeToString(packed.Bytes()))
}

// packers are zlib writers, each of which has 800 kB of tables to set up.
var packers = sync.Pool{New: func() any { return zlib.NewWriter(nil) }}

// ParseUserSig decodes a ticket without checking it. Its error has code
// CodeUserSigEmpty or CodeUserSigMalformed.
func ParseUserSig(sig string) (UserSig, error) {
	var u UserSig
	if sig == "" {
		return u, NewError(CodeUserSigEmpty)
	}
	malformed := func(why error) (UserSig, error) {
		return UserSig{}, &Error{Code: CodeUserSigMalformed, Info: fmt.Sprintf("UserSig cannot be decoded: %v", why)}
	}
	packed, err := base64.StdEncoding.DecodeString(sigAlphabetBack.Replace(sig))
	if err != nil {
		return malformed(err)
	}
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return malformed(err)
	}
	doc, err := io.ReadAll(io.LimitReader(r, maxUserSig))
	if err != nil {
		return malformed(err)
	}
	if err := json.Unmarshal(doc, &u); err != nil {
		return malformed(err)
	}
	if u.Identifier == "" {
		return malformed(fmt.Errorf("no TLS.identifier"))
	}
	return u, nil
}

// ExpiresAt is the last second in which the ticket is valid.
func (u UserSig) ExpiresAt() time.Time {
	const beyond = 1 << 40 // seconds: no clock gets there, and sums do not overflow
	within := func(seconds int64) int64 { return min(max(seconds, -beyond), beyond) }
	return time.Unix(within(u.Time)+within(u.Expire), 0)
}

// Verify checks in the vendor's order: app, user, expiry, signature. The
// error has the documented code of what failed first.
func (u UserSig) Verify(secret string, sdkAppID uint32, userID string, now time.Time) error {
	switch {
	case u.SDKAppID != uint64(sdkAppID):
		return NewError(CodeUserSigOtherApp)
	case u.Identifier != userID:
		return NewError(CodeUserSigOtherUser)
	case now.Unix() > u.ExpiresAt().Unix():
		return NewError(CodeUserSigExpired)
	case !hmac.Equal([]byte(u.Sig), []byte(u.sign(secret))):
		return NewError(CodeUserSigForged)
	}
	return nil
}

func (u UserSig) sign(secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "TLS.identifier:%s\nTLS.sdkappid:%d\nTLS.time:%d\nTLS.expire:%d\n",
		u.Identifier, u.SDKAppID, u.Time, u.Expire)
	if u.UserBuf != "" {
		fmt.Fprintf(mac, "TLS.userbuf:%s\n", u.UserBuf)
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
