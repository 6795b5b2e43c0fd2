package reports

import (
	"regexp"
	"strings"
	"unicode"
)

// Tickets as they look: a UserSig is base64 of a zlib stream, an a2 stands
// behind its name.
var (
	userSig = regexp.MustCompile(`\beJ[\w*-]{60,}`)
	a2Key   = regexp.MustCompile(`(\b(?:a2|a2Key|A2Key)\\?["']?\s*[:=]\s*\\?["']?)[\w-]{8,}`)
)

// Mask hides tickets in a text of a case: a report is shown to others. Most
// texts hold none, and a search for its beginning is far cheaper than a match.
func Mask(text string) string {
	if strings.Contains(text, "eJ") {
		text = userSig.ReplaceAllString(text, "***")
	}
	if strings.Contains(text, "a2") || strings.Contains(text, "A2Key") {
		text = a2Key.ReplaceAllString(text, "$1***")
	}
	return text
}

// printable takes control characters out of a text: XML has none of them, and
// a terminal would obey them.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
