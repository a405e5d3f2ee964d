"""What is asked of GitHub by GraphQL: one question for a whole pull request, and those for its further pages."""

from __future__ import annotations

__all__ = ["CHECKS", "COMMENTS", "PULL", "THREADS"]

_AUTHOR = "author { __typename login }"
_REMARK = f"id body url authorAssociation {_AUTHOR}"

_CONTEXTS = """
    contexts(first: 100, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes {
        __typename
        ... on CheckRun {
          databaseId name status conclusion detailsUrl
          checkSuite { app { slug } workflowRun { event workflow { name } } }
        }
        ... on StatusContext { id context state description targetUrl createdAt }
      }
    }
"""

_THREADS = f"""
    reviewThreads(first: 100, after: $after) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{
        isResolved path line
        comments(last: 10) {{ nodes {{ {_REMARK} state replyTo {{ id }} }} }}
      }}
    }}
"""

_COMMENTS = f"""
    comments(first: 100, after: $after) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{ {_REMARK} isMinimized }}
    }}
"""

PULL = f"""
query PullRequest($owner: String!, $name: String!, $number: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    pullRequest(number: $number) {{
      title state isDraft mergeable reviewDecision
      headRefOid headRefName baseRefName
      {_AUTHOR}
      mergeCommit {{ oid }}
      latestOpinionatedReviews(first: 100, writersOnly: true) {{
        nodes {{ id state body submittedAt commit {{ oid }} {_AUTHOR} }}
      }}
      commits(last: 1) {{ nodes {{ commit {{ oid statusCheckRollup {{ {_CONTEXTS} }} }} }} }}
      {_THREADS}
      {_COMMENTS}
    }}
  }}
}}
"""
"""All of a pull request; `$after` is null, so that each list begins at its beginning."""

CHECKS = f"""
query Checks($owner: String!, $name: String!, $oid: GitObjectID!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    object(oid: $oid) {{ ... on Commit {{ statusCheckRollup {{ {_CONTEXTS} }} }} }}
  }}
}}
"""
"""The checks of one commit, whatever is the newest by now."""

THREADS = f"""
query Threads($owner: String!, $name: String!, $number: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{ pullRequest(number: $number) {{ {_THREADS} }} }}
}}
"""

COMMENTS = f"""
query Comments($owner: String!, $name: String!, $number: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{ pullRequest(number: $number) {{ {_COMMENTS} }} }}
}}
"""
