import { describe, expect, it } from 'vitest'
import { judgeRefusal, type Refusal } from '../../src/core/refusal'

const accepted: Refusal = { kind: 'accepted' }
const refused: Refusal = { kind: 'refused' }

describe('judgeRefusal', () => {
  it.each([
    null,
    undefined,
    '',
    'Bearer',
    'Basic realm="a"',
    'Negotiate, NTLM',
    '%%%',
    'Bearer error="invalid_token"',
    `Bearer error="invalid_token", error_description="The token expired at '11/14/2025 18:56:00'"`,
    'Bearer error="something_new"',
    'Bearer error="insufficient_claims"',
    'Bearer error="insufficient_claims", claims=""',
    'Bearer error_description="insufficient_scope"',
    'Digest error="insufficient_scope"',
    'Digest error="insufficient_scope", Bearer error="invalid_token"',
  ])('R1: a 401 with %s is a refusal', (challenge) => {
    expect(judgeRefusal(401, challenge)).toEqual(refused)
  })

  it.each([200, 204, 302, 400, 403, 404, 407, 419, 500])('R1: a %i never is, whatever its challenge says', (status) => {
    expect(judgeRefusal(status, 'Bearer error="invalid_token"')).toEqual(accepted)
    expect(judgeRefusal(status, 'Bearer error="insufficient_user_authentication"')).toEqual(accepted)
  })

  it.each<[challenge: string, expected: Refusal]>([
    ['Bearer error="insufficient_scope", scope="admin"', accepted],
    ['DPoP error="insufficient_scope"', accepted],
    ['error="insufficient_scope"', accepted],
    ['Bearer: error=insufficient_scope', accepted],
    ['Basic realm="no comma" Bearer error="insufficient_scope"', accepted],
    ['Negotiate a== dpop error=insufficient_scope', accepted],
    ['Bearer error="insufficient_user_authentication"', { kind: 'interactionRequired' }],
    [
      'Bearer error="insufficient_user_authentication", acr_values="urn:a urn:b", max_age="300"',
      { kind: 'interactionRequired', acrValues: 'urn:a urn:b', maxAge: 300 },
    ],
    ['Bearer error="insufficient_user_authentication", max_age=0', { kind: 'interactionRequired', maxAge: 0 }],
    ['Bearer error="insufficient_user_authentication", max_age="soon"', { kind: 'interactionRequired' }],
    ['Bearer error="insufficient_user_authentication", max_age=""', { kind: 'interactionRequired' }],
    ['Bearer error="insufficient_user_authentication", max_age="-1"', { kind: 'interactionRequired' }],
    [`Bearer error="insufficient_user_authentication", max_age="${'9'.repeat(400)}"`, { kind: 'interactionRequired' }],
    [
      'Bearer realm="", authorization_uri="https://a", error="insufficient_claims", claims="eyJhIjoiYj0ifQ=="',
      { kind: 'refused', claims: 'eyJhIjoiYj0ifQ==' },
    ],
  ])('R1: a 401 with %s', (challenge, expected) => {
    expect(judgeRefusal(401, challenge)).toEqual(expected)
  })

  it("R1: the client's own scheme counts as well", () => {
    const challenge = 'TOKEN error="insufficient_scope"'
    expect(judgeRefusal(401, challenge, 'Token')).toEqual(accepted)
    expect(judgeRefusal(401, challenge)).toEqual(refused)
  })

  it.each<[challenge: string, expected: Refusal]>([
    ['Bearer error="invalid_token", Bearer error="insufficient_scope"', accepted],
    [
      'Bearer, Bearer error="insufficient_user_authentication", max_age=60',
      { kind: 'interactionRequired', maxAge: 60 },
    ],
    [
      'Bearer error="insufficient_claims", Bearer error="insufficient_claims", claims="YQ=="',
      { kind: 'refused', claims: 'YQ==' },
    ],
    [
      'Bearer error="insufficient_claims", claims="YQ==", Bearer error="insufficient_scope"',
      { kind: 'refused', claims: 'YQ==' },
    ],
    ['Bearer error="invalid_token", Bearer error="invalid_token", Negotiate', refused],
  ])('R1: of several challenges the first that says more than invalid_token decides: %s', (challenge, expected) => {
    expect(judgeRefusal(401, challenge)).toEqual(expected)
  })
})
