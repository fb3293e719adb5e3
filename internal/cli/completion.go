package cli

import (
	"bytes"
	"context"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/reason"
)

func (s *session) completionCommand(root *cobra.Command) *cobra.Command {
	c := s.leaf("completion", "completion bash|zsh|fish|powershell", 1, 1, []string{"bevis completion bash > /etc/bash_completion.d/bevis"},
		func(_ context.Context, args []string) error { return s.completion(root, args[0]) })
	c.ValidArgs = []string{"bash", "zsh", "fish", "powershell"}
	return c
}

func (s *session) completion(root *cobra.Command, shell string) error {
	var b bytes.Buffer
	var err error
	switch shell {
	case "bash":
		err = root.GenBashCompletionV2(&b, true)
	case "zsh":
		err = root.GenZshCompletion(&b)
	case "fish":
		err = root.GenFishCompletion(&b, true)
	case "powershell":
		err = root.GenPowerShellCompletionWithDesc(&b)
	default:
		return reason.New(reason.Usage, shell, "there are completions for bash, zsh, fish and powershell")
	}
	if err != nil {
		return reason.Wrap(reason.Internal, "", err)
	}
	return s.print(b.Bytes())
}
