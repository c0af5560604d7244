package accountmanager

import (
	"context"
	"fmt"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// What an account's tasks note in state besides their own key.
const (
	// describeAccount has the ID of an account that AWS has made.
	describeAccount = "describe-account"
	// begunUser says that the user of its name is ours, before it is there. The reference does not know this key.
	begunUser = createUser + ".begun"
	// checkQuotas has the IDs of the requests for quotas that have ended well.
	checkQuotas = "check-service-quota-status"
	// checkSupport is kept under the ID of a support case, not of the account.
	checkSupport = "check-enterprise-support-status"
)

// book is the part of state that is about one account, in the reference's layout.
type book struct {
	store   store
	folder  string
	account string
}

func (r *reconciler) book(s Step) book { return book{r.state, s.Folder, s.Account} }

// read stores the value of a key in the variable that into points to, and says whether there is one. A stored null is
// none, as it is for the reference.
func (b book) read(ctx context.Context, task string, into any) (bool, error) {
	entry, err := b.store.Get(ctx, b.key(task))
	if apierr.Is(err, apierr.Missing) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return decode(entry, b.key(task), into)
}

func decode(entry state.Entry, key string, into any) (bool, error) {
	if !entry.Exists() || string(entry.Value) == "null" {
		return false, nil
	}
	if err := entry.Decode(into); err != nil {
		return false, fmt.Errorf("state of %s, %s: %w; remove it with `starter state rm` to have the task done again", Name, key, err)
	}
	return true, nil
}

func (b book) write(ctx context.Context, task string, value any) error {
	return b.store.Set(ctx, b.key(task), value, nil)
}

// of is the book of another subject in the same folder.
func (b book) of(subject string) book { return book{b.store, b.folder, subject} }

func (b book) key(task string) string {
	return fmt.Sprintf("%s/task.%s.%s", b.folder, b.account, task)
}
