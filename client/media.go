package client

import (
	"bufio"
	"context"
	"fmt"
	_ "image/gif"  // formats that can be measured
	_ "image/jpeg" //
	_ "image/png"  //
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/imsim/imsim/internal/link"
	"github.com/imsim/imsim/protocol"
)

// UploadPluginName is the key of RegisterPlugin for uploads.
const UploadPluginName = "tim-upload-plugin"

// File is a file to be sent.
type File struct {
	Name          string
	Type          string                        // MIME type
	Size          int64                         // bytes
	Open          func() (io.ReadCloser, error) // called for each attempt
	Width, Height int                           // of an image, in pixels, if known
	Duration      float64                       // of a video or sound, in seconds, if known
}

// MediaContent is the content of image, video and file messages to be made.
type MediaContent struct {
	File *File `json:"-"`
}

// Upload is what an UploadPlugin is asked to do: put the file's bytes at URL.
type Upload struct {
	File        *File
	FileType    int // 1 image, 2 video, 3 sound, 255 other
	FileName    string
	URL         string
	DownloadURL string
	OnProgress  func(percent float64) // 0…1; never nil
}

// UploadPlugin uploads files; client/upload's is enough for most.
type UploadPlugin interface {
	// Upload returns where the file can be had, usually DownloadURL.
	Upload(ctx context.Context, u Upload) (location string, err error)
}

type plugins struct {
	registered UploadPlugin
	upload     UploadPlugin // as found at login
}

// RegisterPlugin makes uploads possible; it counts from the next login on, as in
// the reference. Unknown names are ignored.
func (c *Client) RegisterPlugin(name string, p UploadPlugin) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if name == UploadPluginName {
		c.plugins.registered = p
	}
}

// media is a file that waits for the send of its message.
type media struct{ file *File }

const (
	maxImage = 20 << 20  // bytes, exclusive
	maxAudio = 20 << 20  // bytes, inclusive
	maxFile  = 100 << 20 // bytes, inclusive; also of videos
)

func fileIn(o MediaMessageOptions) func(*checks) {
	return func(k *checks) { k.that(o.Payload.File != nil, "payload.file", "is missing") }
}

// CreateImageMessage makes an image message. Errors at the send: 2040 no upload
// plugin, 2041 no URL to upload to, 2108 empty, 2252 not jpg, jpeg, gif, png or
// bmp, 2253 20 MiB or more, 2400 upload failed.
func (c *Client) CreateImageMessage(o MediaMessageOptions) (*Message, error) {
	return create(c, "createImageMessage", &o, fileIn(o), func() *record {
		p := &ImagePayload{ImageFormat: ImageUnknown, UUID: c.uuid()}
		for i := range 3 {
			p.ImageInfoArray = append(p.ImageInfoArray, ImageInfo{
				InstanceID: uint32(c.opts.Rand() % 10_000_000), SizeType: i + 1, Type: i,
			})
		}
		return c.draftMedia(o, MsgImage, p)
	})
}

// showSentImage puts the versions of an image that was sent into the order of a
// received one: the smaller one second.
func (c *Client) showSentImage(r *record, sent *ImagePayload) *Message {
	p := *sent
	a := p.ImageInfoArray
	p.ImageInfoArray = []ImageInfo{a[0], a[2], a[1]}
	p.ImageInfoArray[1].Type, p.ImageInfoArray[2].Type = 1, 2
	m := r.update(func(m *Message) { m.Payload = &p })
	c.convs.update(m.ConversationID, func(v *Conversation) {
		if v.LastMessage.Payload == Payload(sent) {
			v.LastMessage.Payload = &p
		}
	})
	return m
}

// CreateVideoMessage makes a video message. Errors at the send: as of images,
// but 2351 over 100 MiB, 2352 not mp4, 2350 upload failed twice.
func (c *Client) CreateVideoMessage(o MediaMessageOptions) (*Message, error) {
	return create(c, "createVideoMessage", &o, fileIn(o), func() *record {
		f := o.Payload.File
		_, format, _ := strings.Cut(f.Type, "/")
		p := &VideoPayload{
			VideoFormat: format, VideoSecond: int(f.Duration), VideoSize: f.Size, VideoDownloadFlag: downloadByURL,
			VideoUUID: c.uuid(), ThumbUUID: c.uuid(), ThumbFormat: "png", ThumbWidth: 200, ThumbHeight: 200,
			ThumbSize: 1668, ThumbDownloadFlag: downloadByURL,
			ThumbURL: "https://web.sdk.qcloud.com/im/assets/images/transparent.png", // the reference's stand-in
		}
		return c.draftMedia(o, MsgVideo, p)
	})
}

// CreateFileMessage makes a file message. Errors at the send: as of images, but
// 2402 over 100 MiB.
func (c *Client) CreateFileMessage(o MediaMessageOptions) (*Message, error) {
	return create(c, "createFileMessage", &o, fileIn(o), func() *record {
		f := o.Payload.File
		return c.draftMedia(o, MsgFile, &FilePayload{
			DownloadFlag: downloadByURL, UUID: c.uuid(), FileName: f.Name, FileSize: f.Size,
		})
	})
}

// CreateAudioMessage makes a sound message. Errors at the send: 2301 over
// 20 MiB, else as of files. The reference makes none outside mini programs;
// later SDKs do.
func (c *Client) CreateAudioMessage(o MediaMessageOptions) (*Message, error) {
	return create(c, "createAudioMessage", &o, fileIn(o), func() *record {
		f := o.Payload.File
		return c.draftMedia(o, MsgSound, &SoundPayload{
			DownloadFlag: downloadByURL, UUID: c.uuid(), Size: f.Size, Second: f.Duration,
		})
	})
}

func (c *Client) draftMedia(o MediaMessageOptions, msgType string, p Payload) *record {
	r := c.draft(o.To, o.ConversationType, o.Priority, o.CloudCustomData, msgType, p)
	r.media, r.onProgress = &media{file: o.Payload.File}, o.OnProgress
	return r
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

func (c *Client) uuid() string {
	b := make([]byte, 32)
	for i := range b {
		b[i] = alphabet[c.opts.Rand()%uint64(len(alphabet))]
	}
	return fmt.Sprintf("%d-%s-%s", c.opts.SDKAppID, c.session.userID, b)
}

// upload brings a message's file to the server, if it has one that is not there
// yet, and sets the URL in the content.
func (c *Client) upload(r *record) error {
	if r.media == nil || r.relay {
		return nil
	}
	f := r.media.file
	switch p := r.now().Payload.(type) {
	case *ImagePayload:
		ext := strings.ToLower(f.Name[strings.LastIndex(f.Name, ".")+1:])
		switch {
		case ext != "jpg" && ext != "jpeg" && ext != "gif" && ext != "png" && ext != "bmp":
			return fail(CodeImageFormat)
		case f.Size == 0:
			return fail(CodeEmptyFile)
		case f.Size >= maxImage:
			return fail(CodeImageSize)
		}
		url, err := c.put(r, protocol.FileImage)
		if err != nil {
			return err
		}
		done := *p
		done.uploaded(url, f.measured())
		r.update(func(m *Message) { m.Payload = &done })
	case *VideoPayload:
		switch {
		case f.Size > maxFile:
			return fail(CodeVideoSize)
		case f.Size == 0:
			return fail(CodeEmptyFile)
		case p.VideoFormat != "mp4":
			return fail(CodeVideoFormat)
		}
		url, err := c.put(r, protocol.FileVideo)
		if err != nil {
			if url, err = c.put(r, protocol.FileVideo); err != nil {
				return fail(CodeVideoUpload)
			}
		}
		done := *p
		done.RemoteVideoURL = url
		r.update(func(m *Message) { m.Payload = &done })
	case *SoundPayload:
		switch {
		case f.Size > maxAudio:
			return fail(CodeAudioSize)
		case f.Size == 0:
			return fail(CodeEmptyFile)
		}
		url, err := c.put(r, protocol.FileAudio)
		if err != nil {
			return err
		}
		done := *p
		done.URL, done.RemoteAudioURL = url, url
		r.update(func(m *Message) { m.Payload = &done })
	case *FilePayload:
		switch {
		case f.Size > maxFile:
			return fail(CodeFileSize)
		case f.Size == 0:
			return fail(CodeEmptyFile)
		}
		url, err := c.put(r, protocol.FileOther)
		if err != nil {
			return err
		}
		done := *p
		done.FileURL = url
		r.update(func(m *Message) { m.Payload = &done })
	}
	return nil
}

// measured is the file with its size in pixels; 0×0 for what cannot be read, as
// in the reference.
func (f *File) measured() *File {
	if f.Width > 0 || f.Height > 0 || f.Open == nil {
		return f
	}
	content, err := f.Open()
	if err != nil {
		return f
	}
	defer content.Close()
	width, height, ok := sizeOfImage(bufio.NewReader(content))
	if !ok {
		return f
	}
	sized := *f
	sized.Width, sized.Height = width, height
	return &sized
}

// uploaded sets the three versions of an image that stands at url.
func (p *ImagePayload) uploaded(url string, f *File) {
	_, format, _ := strings.Cut(f.Type, "/")
	p.ImageFormat = ImageUnknown
	for i, names := range []string{"jpg jpeg", "gif", "png", "bmp"} {
		if format != "" && strings.Contains(names, strings.ToLower(format)) {
			p.ImageFormat = i + 1
		}
	}
	p.ImageInfoArray = append([]ImageInfo{}, p.ImageInfoArray...)
	for i := range p.ImageInfoArray {
		v := &p.ImageInfoArray[i]
		v.URL, v.ImageURL, v.Width, v.Height = url, url, f.Width, f.Height
		switch i {
		case 0:
			v.Size = f.Size
		case 1, 2:
			limit := []int{720, 198}[i-1]
			var smaller bool
			if v.Width, v.Height, smaller = scaled(f.Width, f.Height, limit); smaller {
				v.ImageURL = fmt.Sprintf("%s?imageView2/3/w/%d/h/%d", url, limit, limit)
				v.URL = v.ImageURL
			}
		}
	}
}

// put asks for a URL, once more if that fails, and uploads the file to it.
func (c *Client) put(r *record, fileType int) (url string, err error) {
	plugin := c.plugins.upload
	if plugin == nil {
		return "", fail(CodeNoUploadPlugin)
	}
	f := r.media.file
	name := fmt.Sprintf("%016x%016x-%d", c.opts.Rand(), c.opts.Rand(), c.opts.Rand()%1_000_000)
	body := encode(protocol.PreSigRequest{FileType: fileType, FileName: name, Duration: 900})
	reply := c.askFor(link.Request{Cmd: protocol.CmdPreSig, Body: body, Upload: true})
	if !reply.OK() {
		if reply = c.askFor(link.Request{Cmd: protocol.CmdPreSig, Body: body, Upload: true}); !reply.OK() {
			return "", fail(CodePreSigRefused)
		}
	}
	u := Upload{
		File: f, FileType: fileType, FileName: name,
		URL: gjson.GetBytes(reply.Body, "upload_url").String(), DownloadURL: gjson.GetBytes(reply.Body, "download_url").String(),
		OnProgress: func(percent float64) { c.progress(r, percent) },
	}
	c.mu.Unlock()
	location, failed := plugin.Upload(c.ctx, u)
	c.mu.Lock()
	if failed != nil {
		e := fail(CodeUploadFailed)
		e.Message += ": " + failed.Error()
		return "", e
	}
	// The reference always makes it https (session.md §12).
	if _, rest, ok := strings.Cut(location, "://"); ok {
		location = rest
	}
	return "https://" + location, nil
}

// progress tells the application how far an upload is. A panic of its is logged
// with 2109 and the upload goes on, as in 2.14.
func (c *Client) progress(r *record, percent float64) {
	defer func() {
		if p := recover(); p != nil {
			c.log(slog.LevelWarn, codeTexts[CodeOnProgress], "code", CodeOnProgress, "panic", p)
		}
	}()
	if r.onProgress != nil {
		r.onProgress(percent)
	}
}

// HTTPUpload is an UploadPlugin that PUTs the bytes, as tim-upload-plugin does.
// The zero value is ready for use.
type HTTPUpload struct {
	Client *http.Client // default: http.DefaultClient
}

// Upload implements UploadPlugin.
func (h HTTPUpload) Upload(ctx context.Context, u Upload) (string, error) {
	body, err := u.File.Open()
	if err != nil {
		return "", fmt.Errorf("open %s: %w", u.File.Name, err)
	}
	defer body.Close()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, u.URL, body)
	if err != nil {
		return "", fmt.Errorf("upload %s: %w", u.File.Name, err)
	}
	req.ContentLength = u.File.Size
	client := h.Client
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("upload %s: %w", u.File.Name, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("upload %s: HTTP %d", u.File.Name, resp.StatusCode)
	}
	u.OnProgress(1)
	return u.DownloadURL, nil
}
