// Package versitygw pins the S3 server that sources/blob/s3 is tested against,
// in a module of its own so that none of the server's dependencies reach the
// program. The pin is the tool directive in go.mod. Build the server with
//
//	go build -C testdata/tools/versitygw -o /tmp/versitygw github.com/versity/versitygw/cmd/versitygw
//
// from the top of the checkout and name the binary in DAYBOOK_VERSITYGW.
package versitygw
