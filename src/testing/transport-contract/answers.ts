import { findTokenflightError } from '../../errors/find-tokenflight-error'
import type { TokenflightErrorCode } from '../../errors/tokenflight-error'
import { assertEqual } from '../assert-equal'
import type { Echo } from '../authorization-server/echo'
import { ContractBrokenError } from '../contract-broken-error'
import type { TransportResponse } from './transport'

/** The request as the server saw it. */
export const echoOf = ({ body }: TransportResponse): Echo => JSON.parse(body)

/** What it was rejected with. */
export async function rejection(sent: Promise<TransportResponse>): Promise<unknown> {
  let response: TransportResponse
  try {
    response = await sent
  } catch (error) {
    return error
  }
  throw new ContractBrokenError(`it rejects, and does not answer ${response.status}`)
}

export async function assertRejects(sent: Promise<TransportResponse>, code: TokenflightErrorCode): Promise<void> {
  assertEqual(findTokenflightError(await rejection(sent))?.code, code, 'it rejects with, or because of, our error')
}
