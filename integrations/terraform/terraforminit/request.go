package terraforminit

import "github.com/app-sre/qontract-temporal/internal/mergerequest"

// kind is how the requests are told from others. Label, separator, fields and version are the reference's, so that either
// system knows the other's requests.
func kind() *mergerequest.Kind {
	return &mergerequest.Kind{
		Label:     "terraform-init",
		Separator: "**DO NOT MANUALLY CHANGE ANYTHING BELOW THIS LINE**",
		Fields:    []string{"tf_init_version", "account"}, VersionField: "tf_init_version", Version: "1.0.0",
		Purpose: []string{"account"},
	}
}

// request is the merge request that adds a template collection. Whatever there is at its path already counts as done.
func request(of Part) mergerequest.Request {
	labels := []string{}
	if of.AutoMerge {
		labels = append(labels, mergerequest.AutoMerge)
	}
	return mergerequest.Request{
		// The reference's name of the class, which its branches begin with.
		Type:  "TerraformInit",
		Title: "[auto] Terraform State settings for AWS account " + of.Account,
		Description: "The AWS account " + of.Account + " has a bucket for its Terraform state now. This request adds the template collection from which the account's datafile learns of it.\n\n" +
			"It was opened by the integration " + Name + ", which knows it by the label **" + kind().Label + "** and by the lines below: please leave both as they are.",
		Labels: labels, Message: "add terraform state template collection",
		Files: []mergerequest.FileChange{mergerequest.CreateFile(of.Path, []byte(of.Content))}, Unless: []string{of.Path},
		Kind: kind(), Data: map[string]string{"account": of.Account},
	}
}
