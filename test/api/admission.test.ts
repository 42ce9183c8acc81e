import { expect, test } from 'vitest'
import { createAdmission, type AdmissionLimits } from '../../src/api/admission.ts'
import { callerWith } from '../support/fleet-gateway.ts'
import { createClock } from '../support/fleet-clock.ts'

// What one caller may ask for, by a clock that the test sets.

const anna = { ...callerWith('reader'), subject: 'anna' }
const bob = { ...callerWith('reader'), subject: 'bob' }
const generous = { requests_per_second: 10, burst: 20, concurrent: 5 }

function admissionOf(limits: AdmissionLimits = generous) {
  const clock = createClock()
  let current = limits
  const admit = createAdmission(() => current, clock.now)
  return { admit, clock, limit: (next: AdmissionLimits) => void (current = next) }
}

test('a burst, then so many per second; how long to wait is told', () => {
  const { admit, clock } = admissionOf()
  for (let i = 0; i < 20; i++) admit(anna)()
  expect(() => admit(anna)).toThrow(
    expect.objectContaining({ status: 429, slug: 'too-many-requests', headers: { 'retry-after': '1' } }),
  )
  clock.pass(100)
  admit(anna)()
  expect(() => admit(anna)).toThrow('more than 10 requests per second of this caller')
  clock.pass(3_600_000)
  for (let i = 0; i < 20; i++) admit(anna)()
  expect(() => admit(anna)).toThrow('more than 10')
})

test('less than one per second is told in seconds', () => {
  const { admit } = admissionOf({ requests_per_second: 0.1, burst: 1, concurrent: 0 })
  admit(anna)()
  expect(() => admit(anna)).toThrow(expect.objectContaining({ headers: { 'retry-after': '10' } }))
})

test('so many at once; who leaves makes room', () => {
  const { admit } = admissionOf()
  const leaving = Array.from({ length: 5 }, () => admit(anna))
  expect(() => admit(anna)).toThrow('5 requests of this caller are under way already')
  leaving[0]?.()
  admit(anna)
  expect(() => admit(anna)).toThrow('5 requests')
})

test('a refused one takes nothing: neither a place nor of the rate', () => {
  const { admit } = admissionOf({ requests_per_second: 10, burst: 2, concurrent: 1 })
  const leave = admit(anna)
  for (let i = 0; i < 50; i++) expect(() => admit(anna)).toThrow('1 requests')
  leave()
  admit(anna)()
  expect(() => admit(anna)).toThrow('more than 10')
})

test('one caller is one subject of one issuer, whatever the token; others are not touched', () => {
  const { admit } = admissionOf({ requests_per_second: 1, burst: 1, concurrent: 0 })
  admit(anna)
  expect(() => admit({ ...anna, role: 'admin' })).toThrow('more than 1')
  admit(bob)
  admit({ ...anna, issuer: 'https://other.test' })
  // What is a bound of one name in the other's: no two pairs are the same caller.
  admit({ ...anna, issuer: 'https://idp.test\nanna', subject: '' })
})

test('0 is no limit', () => {
  const { admit } = admissionOf({ requests_per_second: 0, burst: 1, concurrent: 0 })
  for (let i = 0; i < 10_000; i++) admit(anna)
  expect(admit(anna)).toBeTypeOf('function')
})

test('other limits hold from the next request on, also for who is under way', () => {
  const { admit, limit } = admissionOf({ requests_per_second: 0, burst: 1, concurrent: 0 })
  for (let i = 0; i < 6; i++) admit(anna)
  limit(generous)
  expect(() => admit(anna)).toThrow('6 requests')
  limit({ requests_per_second: 1, burst: 1, concurrent: 0 })
  admit(anna)
  expect(() => admit(anna)).toThrow('more than 1')
})
