package usage

import "time"

const (
	microsPerSecond = int64(1_000_000)
	microsPerDay    = 86_400 * microsPerSecond
	// endOfTime is 2263-01-01, the first instant that is not a valid event time.
	endOfTime = 9_246_182_400 * microsPerSecond
)

// validInstant reports whether t, Unix microseconds, lies in the years 1970 to
// 2262, the range that every Parquet time unit can express or nearly so.
func validInstant(t int64) bool { return t >= 0 && t < endOfTime }

// parseInstant reads an ISO 8601 time: a date, or a date and a time parted by
// "T" or a space, with optional seconds and fraction, and "Z" or an offset; no
// zone means UTC, a date alone its midnight in UTC. It returns Unix
// microseconds; what is finer is cut off. ok is false for any other text.
func parseInstant(b []byte) (micros int64, ok bool) {
	p := scanText{rest: b}
	year, month, day := p.digits(4), p.after('-', 2), p.after('-', 2)
	if p.bad || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, false
	}
	date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Unix()
	if len(p.rest) == 0 {
		return date * microsPerSecond, true
	}
	if !p.take('T') && !p.take('t') && !p.take(' ') {
		return 0, false
	}
	hour, minute, second, fraction := p.digits(2), p.after(':', 2), 0, int64(0)
	if p.take(':') {
		second = p.digits(2)
		if p.take('.') {
			fraction = p.fraction()
		}
	}
	offset := p.offset()
	if p.bad || len(p.rest) > 0 || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	seconds := date + int64(hour*3600+minute*60+second-offset)
	return seconds*microsPerSecond + fraction, true
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// scanText consumes a text from the left; bad stays set after the first fault.
type scanText struct {
	rest []byte
	bad  bool
}

func (p *scanText) take(c byte) bool {
	if len(p.rest) == 0 || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *scanText) digits(n int) int {
	if len(p.rest) < n {
		p.bad = true
		return 0
	}
	v := 0
	for _, c := range p.rest[:n] {
		if c < '0' || c > '9' {
			p.bad = true
			return 0
		}
		v = v*10 + int(c-'0')
	}
	p.rest = p.rest[n:]
	return v
}

func (p *scanText) after(c byte, n int) int {
	if !p.take(c) {
		p.bad = true
		return 0
	}
	return p.digits(n)
}

// fraction reads one or more digits as microseconds and cuts off the rest.
func (p *scanText) fraction() int64 {
	v, n := int64(0), 0
	for len(p.rest) > 0 && p.rest[0] >= '0' && p.rest[0] <= '9' {
		if n < 6 {
			v = v*10 + int64(p.rest[0]-'0')
		}
		n++
		p.rest = p.rest[1:]
	}
	p.bad = p.bad || n == 0
	for ; n < 6; n++ {
		v *= 10
	}
	return v
}

// offset reads "Z", "+hh:mm", "+hhmm" or "+hh" as seconds east of UTC; nothing
// is UTC.
func (p *scanText) offset() int {
	sign := 0
	switch {
	case p.take('Z') || p.take('z'):
		return 0
	case p.take('+'):
		sign = 1
	case p.take('-'):
		sign = -1
	default:
		return 0
	}
	hours, minutes := p.digits(2), 0
	if p.take(':') || len(p.rest) > 0 {
		minutes = p.digits(2)
	}
	p.bad = p.bad || hours > 23 || minutes > 59
	return sign * (hours*3600 + minutes*60)
}
