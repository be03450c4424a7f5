// What DuckDB needs to hold the same files against each other: a full outer join of refund bill, statement and records by the refund's number, and how
// many of the rows have no partner, another amount or another sub-merchant. Arguments: the folder, the number of threads.
import fs from 'node:fs'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

const [folder, threads] = process.argv.slice(2)

// The columns of the bills of that name, as their header line has them: it has no accents, so the lines below it are read without it.
function columns(begin) {
    const first = fs.readdirSync(folder).find(name => name.startsWith(begin) && name.endsWith('.csv'))
    const file = fs.openSync(path.join(folder, first)), head = Buffer.alloc(8192)
    fs.readSync(file, head)
    const names = head.toString().split('\r\n')[0].replace('\uFEFF', '').split(',')
    return '{' + names.map(name => `'${name.replaceAll("'", "''")}': 'VARCHAR'`).join(', ') + '}'
}

// An accent stands before every value: the delimiter has two letters, and commas in values do no harm. The summary's lines have other columns.
const bill = begin => `read_csv('${folder}/${begin}-*.csv', delim = ',\`', header = false, skip = 1, quote = '', escape = '', auto_detect = false,
    columns = ${columns(begin)}, strict_mode = false, ignore_errors = true)`

const query = `
    WITH bill AS (SELECT "Wechat refund number(refund_id)" AS id, min("Refund amount(refund_fee)") AS amount, count(*) AS lines FROM ${bill('refunds')} GROUP BY 1),
    statement AS (SELECT "WeChat refund No." AS id, "Sub vendor ID" AS merchant, "Requested refund amount" AS amount FROM ${bill('statement')}
        WHERE "WeChat refund No." <> ''),
    records AS (SELECT refund_id AS id, amount, sub_mchid AS merchant FROM read_csv('${folder}/records.csv', header = true, all_varchar = true))
    SELECT count(*), count(*) FILTER (bill.id IS NULL), count(*) FILTER (records.id IS NULL), count(*) FILTER (bill.amount <> statement.amount),
        count(*) FILTER (CAST(replace(bill.amount, '.', '') AS BIGINT) <> CAST(records.amount AS BIGINT)),
        count(*) FILTER (statement.merchant <> records.merchant)
    FROM bill FULL OUTER JOIN statement USING (id) FULL OUTER JOIN records USING (id)`

const database = await DuckDBInstance.create(':memory:', { threads })
const connection = await database.connect()
await connection.run(`SET preserve_insertion_order = false; SET temp_directory = '${folder}/duckdb'`)
const answer = await connection.runAndReadAll(query)
console.log(answer.getRows().flat().map(String).join(' '))
