package client

import (
	"strings"

	"github.com/tidwall/gjson"
)

// Values of downloadFlag: the URL is used as it is.
const downloadByURL = 2

// Values of ImagePayload.ImageFormat.
const (
	ImageJPG     = 1
	ImageGIF     = 2
	ImagePNG     = 3
	ImageBMP     = 4
	ImageUnknown = 255
)

// ImagePayload is the content of MsgImage. It has three versions of the image:
// the original, then those of 198 and of 720 pixels.
type ImagePayload struct {
	ImageFormat    int         `json:"imageFormat"`
	UUID           string      `json:"uuid"`
	ImageInfoArray []ImageInfo `json:"imageInfoArray"`
}

// ImageInfo is one version of an image.
type ImageInfo struct {
	InstanceID uint32 `json:"instanceID"` // a random number
	SizeType   int    `json:"sizeType"`   // 1 original, 2 large, 3 thumbnail
	Type       int    `json:"type"`       // 0 original, 1 198 pixels, 2 720 pixels
	Size       int64  `json:"size"`       // bytes
	Width      int    `json:"width"`
	Height     int    `json:"height"`
	ImageURL   string `json:"imageUrl"`
	URL        string `json:"url"`
}

// SoundPayload is the content of MsgSound.
type SoundPayload struct {
	URL            string  `json:"url"`
	RemoteAudioURL string  `json:"remoteAudioUrl"`
	UUID           string  `json:"uuid"`
	Second         float64 `json:"second"`
	Size           int64   `json:"size"` // bytes
	DownloadFlag   int     `json:"downloadFlag"`
}

// VideoPayload is the content of MsgVideo.
type VideoPayload struct {
	RemoteVideoURL    string `json:"remoteVideoUrl"`
	VideoFormat       string `json:"videoFormat"`
	VideoSecond       int    `json:"videoSecond"`
	VideoSize         int64  `json:"videoSize"` // bytes
	VideoURL          string `json:"videoUrl"`
	VideoDownloadFlag int    `json:"videoDownloadFlag"`
	VideoUUID         string `json:"videoUUID"`
	ThumbUUID         string `json:"thumbUUID"`
	ThumbFormat       string `json:"thumbFormat"`
	ThumbWidth        int    `json:"thumbWidth"`
	ThumbHeight       int    `json:"thumbHeight"`
	ThumbSize         int64  `json:"thumbSize"` // bytes
	ThumbDownloadFlag int    `json:"thumbDownloadFlag"`
	ThumbURL          string `json:"thumbUrl"`
}

// FilePayload is the content of MsgFile.
type FilePayload struct {
	DownloadFlag int    `json:"downloadFlag"`
	FileURL      string `json:"fileUrl"`
	UUID         string `json:"uuid"`
	FileName     string `json:"fileName"`
	FileSize     int64  `json:"fileSize"` // bytes
}

func (p *ImagePayload) sendable() bool {
	return len(p.ImageInfoArray) > 0 && p.ImageInfoArray[0].ImageURL != "" && p.ImageInfoArray[0].Size != 0
}
func (p *SoundPayload) sendable() bool { return p.RemoteAudioURL != "" }
func (p *VideoPayload) sendable() bool { return p.RemoteVideoURL != "" }
func (p *FilePayload) sendable() bool {
	return p.FileURL != "" && p.FileName != "" && p.FileSize != 0
}

func (p *ImagePayload) appendWire(dst []byte) []byte {
	dst = appendNumber(dst, `{"ImageFormat":`, int64(p.ImageFormat))
	dst = append(appendText(dst, `,"UUID":`, p.UUID), `,"ImageInfoArray":[`...)
	for i, v := range p.ImageInfoArray {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendNumber(dst, `{"InstanceId":`, int64(v.InstanceID))
		dst = appendNumber(dst, `,"Type":`, int64(v.SizeType))
		dst = appendNumber(dst, `,"MsgType":`, int64(v.Type))
		dst = appendNumber(dst, `,"Size":`, v.Size)
		dst = appendNumber(dst, `,"Width":`, int64(v.Width))
		dst = appendNumber(dst, `,"Height":`, int64(v.Height))
		dst = append(appendText(dst, `,"URL":`, v.ImageURL), '}')
	}
	return append(dst, "]}"...)
}

func (p *SoundPayload) appendWire(dst []byte) []byte {
	dst = appendText(dst, `{"Url":`, p.RemoteAudioURL)
	dst = appendText(dst, `,"UUID":`, p.UUID)
	dst = appendNumber(dst, `,"Second":`, int64(p.Second))
	dst = appendNumber(dst, `,"Size":`, p.Size)
	return append(appendNumber(dst, `,"Download_Flag":`, downloadByURL), '}')
}

func (p *VideoPayload) appendWire(dst []byte) []byte {
	dst = appendText(dst, `{"VideoUrl":`, p.RemoteVideoURL)
	dst = appendText(dst, `,"VideoUUID":`, p.VideoUUID)
	dst = appendText(dst, `,"VideoFormat":`, p.VideoFormat)
	dst = appendNumber(dst, `,"VideoSecond":`, int64(p.VideoSecond))
	dst = appendNumber(dst, `,"VideoSize":`, p.VideoSize)
	dst = appendNumber(dst, `,"VideoDownloadFlag":`, downloadByURL)
	dst = appendText(dst, `,"ThumbUrl":`, p.ThumbURL)
	dst = appendText(dst, `,"ThumbUUID":`, p.ThumbUUID)
	dst = appendText(dst, `,"ThumbFormat":`, p.ThumbFormat)
	dst = appendNumber(dst, `,"ThumbSize":`, p.ThumbSize)
	dst = appendNumber(dst, `,"ThumbWidth":`, int64(p.ThumbWidth))
	dst = appendNumber(dst, `,"ThumbHeight":`, int64(p.ThumbHeight))
	return append(appendNumber(dst, `,"ThumbDownloadFlag":`, downloadByURL), '}')
}

func (p *FilePayload) appendWire(dst []byte) []byte {
	dst = appendText(dst, `{"Url":`, p.FileURL)
	dst = appendText(dst, `,"UUID":`, p.UUID)
	dst = appendText(dst, `,"FileName":`, p.FileName)
	dst = appendNumber(dst, `,"FileSize":`, p.FileSize)
	return append(appendNumber(dst, `,"Download_Flag":`, downloadByURL), '}')
}

// parseImage gives what the reference shows of a received image: always three
// versions. The wire has the 720-pixel one second, the API the 198-pixel one
// (messages.md §1.3).
func parseImage(v gjson.Result) *ImagePayload {
	p := &ImagePayload{ImageFormat: int(v.Get("ImageFormat").Int()), UUID: v.Get("UUID").String()}
	if p.ImageFormat == 0 {
		p.ImageFormat = ImageUnknown
	}
	infos := v.Get("ImageInfoArray").Array()
	for i := range 3 {
		info := ImageInfo{SizeType: i + 1, Type: i}
		if i < len(infos) {
			w := infos[i]
			url := w.Get("URL").String()
			info.InstanceID = uint32(w.Get("InstanceId").Uint())
			info.Size = w.Get("Size").Int()
			info.Width, info.Height = int(w.Get("Width").Int()), int(w.Get("Height").Int())
			info.URL, info.ImageURL = url, secure(url)
		}
		p.ImageInfoArray = append(p.ImageInfoArray, info)
	}
	a := p.ImageInfoArray
	if a[0].Width != 0 && a[0].Height != 0 {
		a[1], a[2] = a[2], a[1]
		a[1].Type, a[2].Type = 1, 2
		a[2].Width, a[2].Height, _ = scaled(a[0].Width, a[0].Height, 720)
	}
	return p
}

// scaled fits an image so that its shorter side has the limit; a smaller one
// stays as it is.
func scaled(width, height, limit int) (w, h int, smaller bool) {
	switch {
	case min(width, height) <= limit:
		return width, height, false
	case height <= width:
		return (width*limit + height - 1) / height, limit, true
	default:
		return limit, (height*limit + width - 1) / width, true
	}
}

// secure turns a URL to https, as a page that came by https would.
func secure(url string) string {
	if rest, ok := strings.CutPrefix(url, "http://"); ok {
		return "https://" + rest
	}
	return url
}

func parseSound(v gjson.Result) *SoundPayload {
	url := v.Get("Url").String()
	return &SoundPayload{
		URL: url, RemoteAudioURL: url, UUID: v.Get("UUID").String(), Second: v.Get("Second").Float(),
		Size: v.Get("Size").Int(), DownloadFlag: downloadByURL,
	}
}

func parseVideo(v gjson.Result) *VideoPayload {
	url := v.Get("VideoUrl").String()
	return &VideoPayload{
		RemoteVideoURL: url, VideoURL: url, VideoFormat: v.Get("VideoFormat").String(),
		VideoSecond: int(v.Get("VideoSecond").Int()), VideoSize: v.Get("VideoSize").Int(),
		VideoDownloadFlag: downloadByURL, VideoUUID: v.Get("VideoUUID").String(),
		ThumbUUID: v.Get("ThumbUUID").String(), ThumbFormat: v.Get("ThumbFormat").String(),
		ThumbWidth: int(v.Get("ThumbWidth").Int()), ThumbHeight: int(v.Get("ThumbHeight").Int()),
		ThumbSize: v.Get("ThumbSize").Int(), ThumbDownloadFlag: downloadByURL, ThumbURL: v.Get("ThumbUrl").String(),
	}
}

func parseFile(v gjson.Result) *FilePayload {
	return &FilePayload{
		DownloadFlag: downloadByURL, FileURL: v.Get("Url").String(), UUID: v.Get("UUID").String(),
		FileName: v.Get("FileName").String(), FileSize: v.Get("FileSize").Int(),
	}
}
