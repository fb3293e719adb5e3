package credential

import (
	"errors"
	"strings"
	"time"
)

var errTime = errors.New("not a date and time with a time zone (XML Schema dateTimeStamp)")

// Time reads a string value as XML Schema 1.1 dateTimeStamp: a date, a time
// and a time zone, all of which must exist on the calendar.
func Time(v *Value) (time.Time, error) {
	s, _ := v.Text() // what is no text is no time, as nothing is
	return ParseTime(s)
}

// ParseTime reads an XML Schema 1.1 dateTimeStamp with a year of four digits.
// The first instant of the year 1 is refused: as the zero time.Time it would
// read as "no bound" wherever a time is optional.
func ParseTime(s string) (time.Time, error) {
	// time.Parse takes a comma for the fraction and one digit for the hour;
	// the standard does not.
	if len(s) < len("2006-01-02T15:04:05Z") || s[13] != ':' || strings.Contains(s, ",") {
		return time.Time{}, errTime
	}
	midnight := strings.HasPrefix(s[11:], "24:00:00") // the end of the day, as the standard allows
	if midnight {
		s = s[:11] + "00" + s[13:]
	}
	t, err := time.Parse("2006-01-02T15:04:05Z07:00", s)
	if err != nil {
		return time.Time{}, errTime
	}
	if _, offset := t.Zone(); offset > 14*3600 || offset < -14*3600 {
		return time.Time{}, errTime
	}
	if midnight {
		if t.Nanosecond() != 0 {
			return time.Time{}, errTime
		}
		t = t.AddDate(0, 0, 1)
	}
	if t.IsZero() {
		return time.Time{}, errTime
	}
	return t.UTC(), nil
}

// FormatTime writes t as dateTimeStamp in UTC with whole seconds.
func FormatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
