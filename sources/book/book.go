package book

import (
	"daybook/pricing"
	"daybook/sources/blob"
)

// maxFiles bounds the files of one book.
const maxFiles = 64

// File is one file of a price book.
type File struct {
	Name    string // for messages: a key or path
	Content []byte
	Version blob.Object // of a loaded file: what was read
}

// Parse reads the files of one price book. Every YAML document of every file is
// one version of the book; all must agree on `book` and `currency`. The error is
// of type [Errors] and holds all problems found, in order of file and line.
func Parse(files []File) (*pricing.Book, error) {
	b, _, err := Check(files)
	return b, err
}

// Check is Parse, and names what a book may say and hardly means: a meter that
// no price uses, a plan that a later version has no more, names that look alike.
// A book with warnings can be billed; one with errors has no warnings yet.
func Check(files []File) (*pricing.Book, []Problem, error) {
	r := new(report)
	b, err := parse(files, r)
	if err != nil {
		return nil, nil, err
	}
	inOrder(r.warnings, files)
	return b, r.warnings, nil
}

func parse(files []File, r *report) (*pricing.Book, error) {
	docs, err := documentsOf(files, r)
	if err != nil {
		return nil, err
	}
	c := &checker{report: r}
	b := c.bookOf(docs)
	if err := r.err(files); err != nil {
		return nil, err
	}
	return b, nil
}

// documentsOf reads the syntax of every document of every file.
func documentsOf(files []File, r *report) ([]*document, error) {
	if len(files) > maxFiles {
		r.add(place{}, "the price book has more than 64 files", "join some: a file may hold several versions, separated by `---`")
		return nil, r.err(files)
	}
	var docs []*document
	for _, f := range files {
		docs = append(docs, readSyntax(f, r)...)
	}
	if len(docs) == 0 {
		if len(r.problems) == 0 {
			r.add(place{}, "there is no price book in "+named(files), "write one that begins with `book:`, `currency:` and `effective:`")
		}
		return nil, r.err(files)
	}
	return docs, nil
}

func named(files []File) string {
	switch len(files) {
	case 0:
		return "no files"
	case 1:
		return files[0].Name
	default:
		return files[0].Name + " and the other files"
	}
}
