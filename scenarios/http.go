package scenarios

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// restAdmin is the app admin that a server has by default.
const restAdmin = "administrator"

func (s *Stage) do(method, url string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(s.ctx, lastWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if s.http == nil {
		s.http = &http.Client{Transport: &http.Transport{}}
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s", method, url, resp.Status)
	}
	return got, err
}

// closeHTTP gives the connections back: none outlives the case.
func (s *Stage) closeHTTP() {
	if s.http != nil {
		s.http.CloseIdleConnections()
	}
}

func (s *Stage) get(url string) ([]byte, error) { return s.do(http.MethodGet, url, nil) }

// REST calls the service's REST API as an app's server does, and returns the
// answer.
func (s *Stage) REST(command string, body any) Value {
	return s.rest(s.UserSig(restAdmin, time.Hour), command, body)
}

// rest is REST with the admin's ticket.
func (s *Stage) rest(sig, command string, body any) Value {
	text, err := json.Marshal(body)
	s.Must(err, "encode a REST body")
	url := fmt.Sprintf("%s/v4/%s?sdkappid=%d&identifier=%s&usersig=%s&random=%d&contenttype=json",
		httpURL(s.url), command, s.appID, restAdmin, sig, len(s.steps))
	got, err := s.do(http.MethodPost, url, text)
	s.Must(err, "call the REST API")
	s.step("REST %s %s → %s", command, text, got)
	return (&User{stage: s}).value(got, "the answer to "+command)
}

// MustREST is REST for a call that must succeed.
func (s *Stage) MustREST(command string, body any) Value {
	return s.REST(command, body).Want("ErrorCode", 0)
}
