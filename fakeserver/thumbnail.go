package fakeserver

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"regexp"
	"strconv"

	"golang.org/x/image/draw"
)

const (
	// maxPixels is the largest image that is scaled: some 130 MB when decoded.
	maxPixels = 1 << 25
	// thumbnailQuality of JPEG, out of 100.
	thumbnailQuality = 85
)

// thumbnailQuery is what the SDKs append to an image's URL: no edge of the
// result is shorter than these, in pixels.
var thumbnailQuery = regexp.MustCompile(`(?:^|&)imageView2/3/w/(\d{1,5})/h/(\d{1,5})(?:[/&]|$)`)

// thumbnail is the image scaled down as the query asks, in the same format. It
// is the file itself where there is nothing to scale: another query, an image
// that is small enough, too large or animated, or no JPEG, PNG or GIF.
func (s *Server) thumbnail(data []byte, query string) []byte {
	m := thumbnailQuery.FindStringSubmatch(query)
	if m == nil {
		return data
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || config.Width*config.Height > maxPixels {
		return data
	}
	least := func(text string) int { n, _ := strconv.Atoi(text); return n }
	width, height, smaller := scaledDown(config.Width, config.Height, least(m[1]), least(m[2]))
	if !smaller {
		return data
	}
	s.scaling.Lock() // one image at a time is in memory
	defer s.scaling.Unlock()
	if scaled := scale(data, format, width, height); scaled != nil {
		return scaled
	}
	return data
}

// scaledDown is the smallest size of the same shape whose edges are no shorter
// than these; fractions count as a whole pixel, as in the SDKs.
func scaledDown(width, height, leastWidth, leastHeight int) (w, h int, smaller bool) {
	if leastWidth*height >= leastHeight*width {
		w, h = leastWidth, (height*leastWidth+width-1)/max(width, 1)
	} else {
		w, h = (width*leastHeight+height-1)/max(height, 1), leastHeight
	}
	return w, h, w > 0 && h > 0 && w < width && h < height
}

// scale returns nil for what cannot be scaled.
func scale(data []byte, format string, width, height int) []byte {
	if format == "gif" {
		if all, err := gif.DecodeAll(bytes.NewReader(data)); err != nil || len(all.Image) != 1 {
			return nil
		}
	}
	src, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	dst := image.NewNRGBA(image.Rect(0, 0, width, height))
	draw.BiLinear.Scale(dst, dst.Bounds(), src, src.Bounds(), draw.Src, nil)
	var out bytes.Buffer
	switch format {
	case "jpeg":
		err = jpeg.Encode(&out, dst, &jpeg.Options{Quality: thumbnailQuality})
	case "png":
		err = png.Encode(&out, dst)
	case "gif":
		err = gif.Encode(&out, dst, nil)
	default:
		return nil
	}
	if err != nil {
		return nil
	}
	return out.Bytes()
}
