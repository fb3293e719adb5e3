// Package i18n has the texts that people read, in bokmål, nynorsk and English.
//
// In goes a key, out comes the text of the chosen language. The texts stand in
// messages/LANG.json, one file for each language, with the same keys in all:
// a test keeps that, and that every code of package reason has a text
// ("reason.CODE") and a next step ("next.CODE"). Machine-readable output never
// passes through here.
package i18n
