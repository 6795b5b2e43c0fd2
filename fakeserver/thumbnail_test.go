package fakeserver

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

// halves is an image that is dark on the left and light on the right.
func halves(width, height int) *image.Paletted {
	img := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.Black, color.White})
	for x := width / 2; x < width; x++ {
		img.SetColorIndex(x, 0, 1)
	}
	for y := 1; y < height; y++ {
		copy(img.Pix[y*img.Stride:], img.Pix[:width])
	}
	return img
}

func encoded(t *testing.T, format string, img *image.Paletted) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch format {
	case "png":
		err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img)
	case "jpeg":
		err = jpeg.Encode(&b, img, nil)
	case "gif":
		err = gif.Encode(&b, img, nil)
	case "animated":
		err = gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{img, img}, Delay: []int{1, 1}})
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestThumbnails(t *testing.T) {
	s := Run(t)
	c := login(t, s, inMemory, "alice")
	const small, large = "?imageView2/3/w/198/h/198", "?imageView2/3/w/720/h/720"
	whole := image.Point{}
	for _, th := range []struct {
		name, format, query string
		from, want          image.Point // whole: the file itself
	}{
		{"landscape", "png", small, image.Pt(800, 600), image.Pt(264, 198)},
		{"portrait", "jpeg", small, image.Pt(600, 800), image.Pt(198, 264)},
		{"a fraction is a whole pixel", "gif", small, image.Pt(1000, 333), image.Pt(595, 198)},
		{"the larger version", "png", large, image.Pt(800, 1000), image.Pt(720, 900)},
		{"behind other parameters", "png", "?a=b&imageView2/3/w/198/h/198", image.Pt(400, 400), image.Pt(198, 198)},
		{"edges that differ", "png", "?imageView2/3/w/100/h/10", image.Pt(400, 400), image.Pt(100, 100)},
		{"small enough", "png", small, image.Pt(1000, 198), whole},
		{"without a query", "png", "", image.Pt(400, 400), whole},
		{"another query", "png", "?imageView2/1/w/20/h/20", image.Pt(400, 400), whole},
		{"no size", "png", "?imageView2/3/w/0/h/0", image.Pt(400, 400), whole},
		{"animated", "animated", small, image.Pt(400, 400), whole},
		{"too large", "png", small, image.Pt(8193, 4097), whole},
	} {
		t.Run(th.name, func(t *testing.T) {
			file := encoded(t, th.format, halves(th.from.X, th.from.Y))
			put, get := c.upload("picture")
			s.call("PUT", put, file)
			body := s.call("GET", get+th.query, nil).Body.Bytes()
			if th.want == whole {
				if !bytes.Equal(body, file) {
					t.Error("it is not the file itself")
				}
				return
			}
			img, format, err := image.Decode(bytes.NewReader(body))
			if err != nil || format != th.format || img.Bounds().Size() != th.want {
				t.Fatalf("a %s of %v, %v; want %s, %v", format, img.Bounds().Size(), err, th.format, th.want)
			}
			left, _, _, _ := img.At(2, th.want.Y/2).RGBA()
			right, _, _, _ := img.At(th.want.X-3, th.want.Y/2).RGBA()
			if left > 0x2000 || right < 0xe000 {
				t.Errorf("left is %x, right %x: not the picture", left, right)
			}
		})
	}
}
