package drivers

import (
	"bytes"
	"regexp"
)

// Line is one line of the pipe as a report may show it.
type Line struct {
	ToDriver bool
	Text     string // without its end; every userSig is "***"
}

// tap shows a line to the hook.
func (d *Driver) tap(toDriver bool, line []byte) {
	if d.options.Tap == nil {
		return
	}
	d.tapping.Lock()
	defer d.tapping.Unlock()
	d.options.Tap(Line{ToDriver: toDriver, Text: maskJSON(bytes.TrimSuffix(line, []byte{'\n'}))})
}

var (
	// A property of JSON, and of JSON that stands inside a JSON string.
	sigProperty = regexp.MustCompile(`("userSig"\s*:\s*")(?:[^"\\]|\\.)+`)
	sigNested   = regexp.MustCompile(`(\\+"userSig\\+"\s*:\s*\\+")[^"\\]+`)
	// What people print: userSig: 'x', userSig=x, also cut short.
	sigLoose = regexp.MustCompile(`(?i)(usersig\\*["']?\s*[:=]\s*\\*["']?)([^"'\\\s,;&}]+)`)
)

// maskJSON hides signatures and leaves JSON what it is.
func maskJSON(line []byte) string {
	if !bytes.Contains(line, []byte("userSig")) {
		return string(line)
	}
	line = sigProperty.ReplaceAll(line, []byte("${1}***"))
	return string(sigNested.ReplaceAll(line, []byte("${1}***")))
}

// maskText hides signatures in free text.
func maskText(s string) string { return sigLoose.ReplaceAllString(s, "${1}***") }
