package main

import (
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// helpColumns is how wide help is at most.
const helpColumns = 100

// fitHelp makes the help of a root command, and of those below, fit the columns.
func fitHelp(root *cobra.Command) {
	wrapped := strings.NewReplacer(".LocalFlags.FlagUsages", ".LocalFlags.FlagUsagesWrapped 100", ".InheritedFlags.FlagUsages", ".InheritedFlags.FlagUsagesWrapped 100")
	root.SetUsageTemplate(wrapped.Replace(root.UsageTemplate()))
	help := root.HelpFunc()
	root.SetHelpFunc(func(c *cobra.Command, args []string) {
		c.Long = reflow(c.Long) // here, as few runs show it
		help(c, args)
	})
}

// reflow fills the lines of each paragraph up. Indented lines stay as they are.
func reflow(text string) string {
	var out []string
	for _, paragraph := range strings.Split(text, "\n\n") {
		if strings.HasPrefix(paragraph, " ") || strings.Contains(paragraph, "\n ") {
			out = append(out, paragraph)
			continue
		}
		var lines []string
		for _, word := range strings.Fields(paragraph) {
			if n := len(lines) - 1; n >= 0 && utf8.RuneCountInString(lines[n])+1+utf8.RuneCountInString(word) <= helpColumns {
				lines[n] += " " + word
			} else {
				lines = append(lines, word)
			}
		}
		out = append(out, strings.Join(lines, "\n"))
	}
	return strings.Join(out, "\n\n")
}

// refuseHelpOfUnknown makes help about a command that there is none of the mistake
// that the command itself is; cobra would show its parent's and be content.
func refuseHelpOfUnknown(root *cobra.Command, mistake *error) {
	help := root.HelpFunc()
	root.SetHelpFunc(func(c *cobra.Command, args []string) {
		if rest := c.Flags().Args(); c.HasSubCommands() && len(rest) > 0 {
			*mistake = c.Args(c, rest)
			return
		}
		help(c, args)
	})
}
