import { describe, expect, test } from 'vitest'
import { answers } from '../support/fleet-answers.ts'
import { createTestGateway } from '../support/fleet-gateway.ts'
import { createRegion } from '../support/fleet-regions.ts'

const gateway = createTestGateway([createRegion('east', { labels: { site: 'boston' } })], (_, { resource }) =>
  answers(resource === 'query' ? { pd: {} } : []),
)

const everywhere = 'region_name, group, selector, max_age, deadline, min_completeness, require, partial, with'

describe('a bad request names the parameter and what is allowed', () => {
  test.each([
    ['/v1/release?colour=red', `"colour": unknown here; allowed are ${everywhere}, show, release`],
    ['/v1/deploy?show=all', `"show": unknown here; allowed are ${everywhere}`],
    ['/v1/release?Show=all', `"Show": unknown here; allowed are ${everywhere}, show, release`],
    ['/v1/release?__proto__=1', `"__proto__": unknown here; allowed are ${everywhere}, show, release`],
    ['/v1?region_name=east', '"region_name": unknown here; none is allowed'],
    ['/?a=1', '"a": unknown here; none is allowed'],
    [
      '/v1/release?show=applied',
      '"show": not a state; allowed are all, synced, available, unavailable, deploying, deployed, removing, ' +
        'committed, uploading, upload-failed, deployed-partial, deploy-selected, remove-selected',
    ],
    [
      '/v1/query?show=deployed',
      '"show": not a state; allowed are all, synced, available, applied, committed, partial-apply, partial-remove, n/a',
    ],
    ['/v1/release?show=available&show=available', '"show": given more than once'],
    ['/v1/release?release=', '"release": not an id or a version such as 24.09'],
    [`/v1/release?release=${'1'.repeat(257)}`, '"release": not an id or a version such as 24.09'],
    ['/v1/release?region_name=', '"region_name": an empty value'],
    ['/v1/release?region_name=a,,b', '"region_name": an empty value'],
    ['/v1/release?group=,', '"group": an empty value'],
    ['/v1/release?selector=site', '"selector": write label=value or label!=value'],
    ['/v1/release?selector==boston', '"selector": write label=value or label!=value'],
    ['/v1/release?selector=a=b=c', '"selector": write label=value or label!=value'],
    ['/v1/release?max_age=soon', '"max_age": not a duration: write 0, 30s or 5m'],
    ['/v1/release?max_age=-1', '"max_age": not a duration: write 0, 30s or 5m'],
    ['/v1/release?max_age=1m&max_age=2m', '"max_age": given more than once'],
    ['/v1/release?deadline=0', '"deadline": not a duration of at most 60 s: write 2s or 500ms'],
    ['/v1/release?deadline=60.001', '"deadline": not a duration of at most 60 s: write 2s or 500ms'],
    ['/v1/release?deadline=2m', '"deadline": not a duration of at most 60 s: write 2s or 500ms'],
    ['/v1/release?deadline=', '"deadline": not a duration of at most 60 s: write 2s or 500ms'],
    ['/v1/release?min_completeness=1.1', '"min_completeness": a number from 0 to 1'],
    ['/v1/release?min_completeness=98%25', '"min_completeness": a number from 0 to 1'],
    ['/v1/release?min_completeness=-0', '"min_completeness": a number from 0 to 1'],
    ['/v1/release?min_completeness=NaN', '"min_completeness": a number from 0 to 1'],
    ['/v1/release?partial=yes', '"partial": allowed are allow, deny'],
    ['/v1/release?with=colour', '"with": "colour" is neither subcloud_name nor a label of a region'],
    [
      '/v1/release?with=constructor',
      '"with": "constructor" is neither subcloud_name nor a label of a region',
    ],
    [
      '/v1/release?with=region_name',
      '"with": "region_name" is neither subcloud_name nor a label of a region',
    ],
    ['/v1/release?region_name=x*&require=east', '"require": "east" is not among the selected regions'],
  ])('%s', async (path, expected) => {
    const answer = await gateway.get(path, { headers: { 'x-request-id': 'r-1' } })

    expect(answer.status).toBe(400)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.json()).toEqual({
      info: '',
      warning: '',
      error: `parameter ${expected}`,
      type: '/problems/bad-parameter',
      status: 400,
      detail: `parameter ${expected}`,
      instance: 'r-1',
    })
  })

  test.each([
    'max_age=0',
    'max_age=500ms',
    'max_age=1d',
    'deadline=60',
    'deadline=1m',
    'deadline=1ms',
    'min_completeness=0',
    'min_completeness=1.000',
    'min_completeness=0.98',
    'partial=allow',
    'partial=deny',
    'require=east',
    'with=subcloud_name,site',
    'show=SYNCED&release=24.09',
    'region_name=%20east%20',
  ])('%s is fine', async (query) => {
    expect(await gateway.read(`/v1/release?${query}`)).toEqual([])
  })
})
