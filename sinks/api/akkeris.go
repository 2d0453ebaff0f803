package api

// Akkeris is the API of Akkeris (docs/apis.md).
func Akkeris() System { return System{Name: "akkeris"} }
