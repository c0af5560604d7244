package updaterecommendedversion

import (
	"fmt"

	"github.com/app-sre/qontract-temporal/integrations/internal/datafile"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
)

// requestType is the reference's, which the reader of the queue knows.
const requestType = "create_ocm_update_recommended_version_mr"

// request has the title, the label, the change and the message of the reference's.
//
// Differs from the reference: all else in the organisation's datafile stays as people wrote it; there the file is written
// anew.
func request(of Recommendation) mergerequest.Request {
	what := "ocm update recommended version"
	return mergerequest.Request{
		Type: requestType, Title: fmt.Sprintf("[%s] %s %s", requestType, of.Organization, what), Description: what + " for " + of.Organization,
		Labels: []string{mergerequest.AutoMerge}, Message: fmt.Sprintf("update %s recommended version", of.Organization),
		Files: []mergerequest.FileChange{mergerequest.EditFile(of.Path, func(current []byte) ([]byte, error) {
			edited, err := datafile.SetList(current, "recommendedVersions", of.Versions)
			if err != nil {
				return nil, apierr.Errorf(apierr.Invalid, "%s: its recommendedVersions cannot be changed: %w: change them by hand", of.Path, err)
			}
			return edited, nil
		})},
		Arguments: []mergerequest.Argument{
			{Name: "ocm_name", Value: of.Organization}, {Name: "path", Value: of.Path}, {Name: "recommended_versions", Value: of.Versions},
		},
	}
}
