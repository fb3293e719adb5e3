package unseen

import "unicode"

// Is reports whether a character is not to be seen. Line breaks and tabs are
// among these, and so are the joiners U+200C and U+200D, which some scripts
// need: a caller that allows them says so.
func Is(r rune) bool {
	switch {
	case r < 0x7F:
		return r < ' '
	case r > 0xAD && r < 0x300: // letters: of these tables only U+00AD lies below
		return false
	case r == 0x2028, r == 0x2029: // they break lines
		return true
	case r == 0x034F, r == 0x115F, r == 0x1160, r == 0x2800, r == 0x3164, r == 0xFFA0: // they are blank
		return true
	case r == 0x2065, r >= 0xE0000 && r <= 0xE007F: // kept for format characters, of which not all are assigned
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}
