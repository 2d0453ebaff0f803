package api

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"daybook/sinks/documents"
)

// Pages of a list, as the gem api-pagination has them.
const (
	perPage    = 25
	perPageMax = 1000
	mostPages  = 1 << 20 // with perPageMax entries each still a number of 32 bits
)

// listed answers with the page of items that the query asks for, and with headers
// that say how many there are and where the other pages stand (RFC 5988).
func listed(r *Request, items []documents.ComputeStacksItem) (Answer, error) {
	page, err := count(r.Query, "page", 1, mostPages)
	if err != nil {
		return Answer{}, err
	}
	size, err := count(r.Query, "per_page", perPage, perPageMax)
	if err != nil {
		return Answer{}, err
	}
	from := min((page-1)*size, len(items))
	body, err := documents.ComputeStacksList(items[from:min(from+size, len(items))])
	if err != nil {
		return Answer{}, err
	}
	out := Answer{Body: body, Header: map[string]string{"Total": strconv.Itoa(len(items)), "Per-Page": strconv.Itoa(size)}}
	if link := links(r.Query, page, max((len(items)+size-1)/size, 1)); link != "" {
		out.Header["Link"] = link
	}
	return inFormat(r, out, "billing_usages")
}

// links name the other pages, relative to the address that was asked for.
func links(query url.Values, page, last int) string {
	var out []string
	add := func(rel string, n int) {
		q := url.Values{}
		for name, values := range query {
			q[name] = values
		}
		q.Set("page", strconv.Itoa(n))
		out = append(out, fmt.Sprintf(`<?%s>; rel="%s"`, q.Encode(), rel))
	}
	if page > 1 {
		add("first", 1)
		add("prev", min(page-1, last))
	}
	if page < last {
		add("last", last)
		add("next", page+1)
	}
	return strings.Join(out, ", ")
}

// count reads a number of pages or items, at least 1 and at most most.
func count(query url.Values, name string, without, most int) (int, error) {
	text := query.Get(name)
	if text == "" {
		return without, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, BadParameter(name, fmt.Sprintf("%s is %.20q; give a number from 1 to %d.", name, text, most))
	}
	return n, nil
}
