package reports

import (
	"testing"
	"time"

	"github.com/imsim/imsim/protocol"
)

func TestTicketsAreMasked(t *testing.T) {
	sig := protocol.MakeUserSig("key", 1400000000, "alice", time.Unix(1700000000, 0), time.Hour)
	for text, want := range map[string]string{
		`login[{"userID":"alice","userSig":"` + sig + `"}]`:      `login[{"userID":"alice","userSig":"***"}]`,
		`{ userSig: '` + sig + `', x: 1 }`:                       `{ userSig: '***', x: 1 }`,
		`cannot log in with ` + sig:                              `cannot log in with ***`,
		`{"tinyID":"144","a2Key":"27a470c55c107de61afc0f7f"}`:    `{"tinyID":"144","a2Key":"***"}`,
		`{\"A2Key\":\"27a470c55c107de61afc0f7f\"}`:               `{\"A2Key\":\"***\"}`,
		`a2: '27a470c55c107de61afc0f7f'`:                         `a2: '***'`,
		`an expectation about {"sequence":7,"random":123456789}`: `an expectation about {"sequence":7,"random":123456789}`,
	} {
		if got := Mask(text); got != want {
			t.Errorf("%s\nbecame %s\nwant   %s", text, got, want)
		}
	}
}
