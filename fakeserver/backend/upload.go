package backend

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/imsim/imsim/protocol"
)

// Paths of the uploaded files, each followed by the app and the object's name.
const (
	UploadPath = "/_imsim/upload/"
	FilesPath  = "/_imsim/files/"
)

const (
	// uploadLife is for how long an upload URL is valid, if the client does not
	// say (the SDKs ask for 900 seconds), and maxUploadLife the most it gets.
	uploadLife    = 15 * time.Minute
	maxUploadLife = time.Hour
	// maxFileName is the longest name of an object in bytes.
	maxFileName = 255
)

// preSig is im_cos_msg.pre_sig: a place to PUT one file to, and the URL at
// which it will be served. The world only issues the URLs; the bytes are the
// shell's. The SDKs send identifier and usersig in the head, no a2; an a2 is
// taken as well.
func (w *World) preSig(r *request) (protocol.Reply, error) {
	if err := w.identifyUploader(r); err != nil {
		return nil, err
	}
	req, err := decode[protocol.PreSigRequest](r)
	if err != nil {
		return nil, err
	}
	switch req.FileType {
	case protocol.FileImage, protocol.FileVideo, protocol.FileAudio, protocol.FileOther:
	default:
		return nil, protocol.Errorf(protocol.CodeBadPacket, "file_type must be 1, 2, 3 or 255")
	}
	if req.FileName == "" || len(req.FileName) > maxFileName {
		return nil, protocol.Errorf(protocol.CodeBadPacket, "file_name must have 1 to %d bytes", maxFileName)
	}
	life := uploadLife
	if req.Duration > 0 {
		life = min(time.Duration(req.Duration)*time.Second, maxUploadLife)
	}
	w.counters.File++
	object := fmt.Sprintf("%d-%s", w.counters.File, req.FileName)
	expires := w.now.Add(life).Unix()
	place := fmt.Sprintf("%d/%s", w.appID, url.PathEscape(object))
	return &protocol.PreSigReply{
		UploadURL: fmt.Sprintf("%s%s%s?expires=%d&sign=%s", r.conn.info.BaseURL, UploadPath, place,
			expires, signUpload(w.cfg.UploadKey, w.appID, object, expires)),
		DownloadURL: r.conn.info.BaseURL + FilesPath + place,
		RequestID:   strconv.FormatUint(w.counters.File, 10),
		ExpiredTime: expires,
	}, nil
}

func (w *World) identifyUploader(r *request) error {
	if r.sess != nil && r.sess.state == active {
		return nil
	}
	if r.A2 != "" {
		return protocol.NewError(protocol.CodeTicketExpired)
	}
	if _, err := w.checkLogin(r); err != nil {
		return err
	}
	if w.accounts[r.Identifier] == nil {
		return protocol.NewError(protocol.CodeAccountMissing)
	}
	return nil
}

func signUpload(key string, appID uint32, object string, expires int64) string {
	mac := hmac.New(sha256.New, []byte("upload "+key))
	fmt.Fprintf(mac, "%d\n%d\n%s", appID, expires, object)
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// CheckUpload tells whether an upload URL's query was issued by a world with
// that UploadKey for that object, and is still valid.
func CheckUpload(key string, appID uint32, object string, query url.Values, now time.Time) error {
	expires, err := strconv.ParseInt(query.Get("expires"), 10, 64)
	if err != nil || !hmac.Equal([]byte(query.Get("sign")), []byte(signUpload(key, appID, object, expires))) {
		return fmt.Errorf("the upload URL was not issued here")
	}
	if now.Unix() > expires {
		return fmt.Errorf("the upload URL has expired")
	}
	return nil
}

// cosSign is im_cos_sign_svr.cos, asked only by the older cos-js-sdk plugin,
// which uploads to the vendor's own hosts: refused, so that the app falls back
// to its error path instead of waiting.
func (w *World) cosSign(*request) (protocol.Reply, error) {
	return nil, protocol.Errorf(protocol.CodeUnknownCommand, "cos-js-sdk is not served: register tim-upload-plugin")
}
