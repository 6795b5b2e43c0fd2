package fakeserver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/imsim/imsim/fakeserver/backend"
)

func (s *Server) uploadKey() string {
	if s.opts.Secret != "" {
		return s.opts.Secret
	}
	return devSecret
}

// deleteEvery is the documented pause between two deletions, if limits are on.
func (s *Server) deleteEvery() time.Duration {
	if s.opts.Limits == LimitsDocumented {
		return time.Second
	}
	return 0
}

// baseURL is how a client reached the server: what URLs for it begin with.
func baseURL(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

// objectOf reads the app and the object's name of a media path.
func objectOf(r *http.Request) (mediaKey, error) {
	app, err := strconv.ParseUint(r.PathValue("app"), 10, 32)
	if err != nil {
		return mediaKey{}, fmt.Errorf("%q is not an SDKAppID", r.PathValue("app"))
	}
	return mediaKey{uint32(app), r.PathValue("object")}, nil
}

// putUpload takes the bytes of a file at the URL that im_cos_msg.pre_sig gave:
// 403 for a URL not issued here or expired by the server's clock, 413 for a
// file over MaxFile or MediaCap. Repeated, it replaces.
//
// SDK 2.14 makes every download URL https://; with a server that speaks plain
// HTTP, its user must turn that back, as the driver of the genuine SDKs does.
func (s *Server) putUpload(w http.ResponseWriter, r *http.Request) {
	key, err := objectOf(r)
	if err == nil {
		err = backend.CheckUpload(s.uploadKey(), key.app, key.object, r.URL.Query(), s.Now())
	}
	if err != nil {
		refuse(w, http.StatusForbidden, err)
		return
	}
	most := min(s.opts.MaxFile, s.opts.MediaCap)
	tooLarge := fmt.Errorf("the file has more than %d bytes", most)
	if r.ContentLength > most {
		refuse(w, http.StatusRequestEntityTooLarge, tooLarge)
		return
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		refuse(w, http.StatusRequestEntityTooLarge, tooLarge)
	case err != nil:
		refuse(w, http.StatusBadRequest, fmt.Errorf("read the file: %w", err))
	default:
		s.media.put(key, data, s.Now())
	}
}

// getFile serves a file, whole or by ranges, to whoever has its URL; with a
// query for it, an image's thumbnail.
func (s *Server) getFile(w http.ResponseWriter, r *http.Request) {
	key, err := objectOf(r)
	if err != nil {
		refuse(w, http.StatusNotFound, err)
		return
	}
	f := s.media.get(key, s.Now())
	if f == nil {
		refuse(w, http.StatusNotFound, errors.New("no such file, or no longer kept"))
		return
	}
	w.Header().Set("Content-Type", contentType(key.object, f.data))
	w.Header().Set("Content-Security-Policy", "sandbox") // an uploaded page is data, not ours
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.thumbnail(f.data, r.URL.RawQuery)))
}

// contentType goes by the name's extension, else by the bytes: 2.14 gives
// names without one.
func contentType(object string, data []byte) string {
	if t := mime.TypeByExtension(path.Ext(object)); t != "" {
		return t
	}
	return http.DetectContentType(data)
}
