package aws

import "time"

// Estate is what there is in AWS, as a case writes it down.
type Estate struct {
	// Organizations by their ID, o-...
	Organizations map[string]*Organization `json:"organizations,omitempty"`
	// Accounts by their ID of twelve digits, whether or not they belong to an organisation.
	Accounts map[string]*Account `json:"accounts"`
	// Services are those that Service Quotas knows, by their code.
	Services map[string]Service `json:"services,omitempty"`
	// Policies are the actions that a policy allows, by its ARN, as in iam:CreateUser, iam:* or *. AWS's own
	// AdministratorAccess is always there.
	Policies map[string][]string `json:"policies,omitempty"`
	Lag      Lag                 `json:"lag,omitzero"`
	// PageSize is the most that a list holds on one page; zero is 20.
	PageSize int `json:"pageSize,omitempty"`
	// Throttle by the service's name in a request's signature is used up by requests and no part of a Dump.
	Throttle map[string]*Throttle `json:"throttle,omitempty"`
}

// Throttle turns away a number of requests.
type Throttle struct {
	Requests int `json:"requests"`
	// RetryAfter is in seconds; zero sends no header, as AWS mostly does.
	RetryAfter int `json:"retryAfter,omitempty"`
}

// Lag says how long AWS takes for what it does not do at once. Zero is at once.
type Lag struct {
	// Account is from the request for an account to its end.
	Account Wait `json:"account,omitzero"`
	// Key is until a new access key is known everywhere.
	Key Wait `json:"key,omitzero"`
	// Region is from ENABLING to ENABLED, and from DISABLING to DISABLED.
	Region Wait `json:"region,omitzero"`
	// Quota is from PENDING to the answer.
	Quota Wait `json:"quota,omitzero"`
}

// Wait ends when it has been asked for a number of times, and a time has passed as well.
type Wait struct {
	Calls   int `json:"calls,omitempty"`
	Seconds int `json:"seconds,omitempty"`
}

// Pending is a wait that has begun.
type Pending struct {
	// Calls are those that will still find it unfinished.
	Calls int       `json:"calls,omitempty"`
	Until time.Time `json:"until,omitzero"`
}

// Organization is a tree of accounts.
type Organization struct {
	// Management is the ID of the management account, which pays.
	Management string `json:"management"`
	// Root is the ID of the tree's root, r-...
	Root string `json:"root"`
	// Units by their ID, ou-...
	Units map[string]*Unit `json:"units,omitempty"`
	// Requests for accounts by their ID, car-...
	Requests map[string]*AccountRequest `json:"requests,omitempty"`
	// AccountLimit is the number of accounts that it may have; zero is no limit.
	AccountLimit int `json:"accountLimit,omitempty"`
	// Failures are the reasons for which accounts with an email address cannot be made.
	Failures map[string]string `json:"failures,omitempty"`
}

// Unit is an organisational unit.
type Unit struct {
	Name string `json:"name"`
	// Parent is the ID of a unit or of the root.
	Parent string `json:"parent"`
}

// AccountRequest is a request for an account, also after its end.
type AccountRequest struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	// Role is made in the account and trusts the management account.
	Role string `json:"role"`
	// State is IN_PROGRESS, SUCCEEDED or FAILED.
	State string `json:"state"`
	// Account is set when it succeeded, and Reason when it failed.
	Account string   `json:"account,omitempty"`
	Reason  string   `json:"reason,omitempty"`
	Pending *Pending `json:"pending,omitempty"`
}

// Account is one account with what is in it.
type Account struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	// Parent is the ID of a unit or root; it is empty outside any organisation.
	Parent string `json:"parent,omitempty"`
	// State is ACTIVE where it is empty.
	State string            `json:"state,omitempty"`
	Tags  map[string]string `json:"tags,omitempty"`
	Alias string            `json:"alias,omitempty"`
	// Support is the plan: basic where it is empty, developer, business or enterprise.
	Support string           `json:"support,omitempty"`
	Users   map[string]*User `json:"users,omitempty"`
	Roles   map[string]*Role `json:"roles,omitempty"`
	// Contacts by their type: BILLING, OPERATIONS or SECURITY.
	Contacts map[string]Contact `json:"contacts,omitempty"`
	// Regions are those that differ from a new account's.
	Regions map[string]*Region `json:"regions,omitempty"`
	// Quotas are those that were raised, by region and then by SERVICE/QUOTA.
	Quotas map[string]map[string]float64 `json:"quotas,omitempty"`
	// QuotaAnswers are AWS's answers to requests, by SERVICE/QUOTA; APPROVED where there is none. CASE_OPENED leaves the
	// request open.
	QuotaAnswers  map[string]string        `json:"quotaAnswers,omitempty"`
	QuotaRequests map[string]*QuotaRequest `json:"quotaRequests,omitempty"`
	// Cases are support cases by their ID.
	Cases map[string]*Case `json:"cases,omitempty"`
	// Buckets of S3 by their name, which no other account may have. Their objects are only read.
	Buckets map[string]*Bucket `json:"buckets,omitempty"`
	// Queues by region and name.
	Queues map[string]map[string]*Queue `json:"queues,omitempty"`
}

// User is an IAM user.
type User struct {
	// Policies are the ARNs of those attached.
	Policies []string `json:"policies,omitempty"`
	// Keys are access keys by their ID.
	Keys map[string]*Key `json:"keys,omitempty"`
	// Issued is the number of keys that were made for the user, also those that are gone.
	Issued int `json:"issued,omitempty"`
}

// Key is an access key.
type Key struct {
	Secret   string   `json:"secret"`
	Disabled bool     `json:"disabled,omitempty"`
	Pending  *Pending `json:"pending,omitempty"`
}

// Role is an IAM role.
type Role struct {
	// Trusts are the IDs of the accounts whose users and roles may assume it.
	Trusts   []string `json:"trusts,omitempty"`
	Policies []string `json:"policies,omitempty"`
}

// Contact is an alternate contact.
type Contact struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Email string `json:"email"`
	Phone string `json:"phone"`
}

// Region is a region as an account has it.
type Region struct {
	// Status is ENABLED, ENABLING, DISABLED or DISABLING.
	Status  string   `json:"status"`
	Pending *Pending `json:"pending,omitempty"`
}

// Service is a service with its quotas.
type Service struct {
	Name string `json:"name"`
	// Quotas by their code.
	Quotas map[string]Quota `json:"quotas,omitempty"`
}

// Quota is a quota as a new account has it.
type Quota struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// QuotaRequest is a request to raise a quota.
type QuotaRequest struct {
	Region  string  `json:"region"`
	Service string  `json:"service"`
	Quota   string  `json:"quota"`
	Value   float64 `json:"value"`
	// Status is PENDING, CASE_OPENED, APPROVED, DENIED, CASE_CLOSED, NOT_APPROVED or INVALID_REQUEST.
	Status  string   `json:"status"`
	Pending *Pending `json:"pending,omitempty"`
}

// Case is a support case.
type Case struct {
	Subject  string `json:"subject"`
	Body     string `json:"body"`
	Severity string `json:"severity"`
	// Replies are what was written after the body, in their order.
	Replies []string `json:"replies,omitempty"`
	// Status is unassigned, opened, pending-customer-action, resolved and so on.
	Status string `json:"status"`
}

// Bucket is a bucket of S3.
type Bucket struct {
	Region string `json:"region"`
	// Objects are in the order in which they were written.
	Objects []Object `json:"objects,omitempty"`
}

// Object is an object of S3.
type Object struct {
	Key     string `json:"key"`
	Content string `json:"content,omitempty"`
}

// Queue is a standard queue.
type Queue struct {
	Messages []*Message `json:"messages,omitempty"`
	// Sent is the number of messages that were sent, also those that are gone.
	Sent int `json:"sent,omitempty"`
}

// Message is a message until it is deleted.
type Message struct {
	ID   string `json:"id"`
	Body string `json:"body"`
	// Received is how often.
	Received int `json:"received,omitempty"`
	// HiddenUntil is when it can be received again.
	HiddenUntil time.Time `json:"hiddenUntil,omitzero"`
}
