-- SPDX-License-Identifier: Apache-2.0
-- Sample data for setup/quickstart: a small company's sales, about 680,000 rows made by arithmetic alone, so that every
-- machine gets the same ones; and one table with a column of every common type.
\set ON_ERROR_STOP on
set client_min_messages = warning;

begin;
create schema sales;
comment on schema sales is 'Sample data of the AlloyDB ODBC driver''s quickstart';
set local search_path = sales;

create type order_status as enum ('open', 'paid', 'shipped', 'returned');
create domain country_code as char(2) check (value = upper(value));

create table customers (
    customer_id bigint generated always as identity primary key,
    customer_key uuid not null unique,
    name varchar(80) not null,
    email text not null,
    country country_code not null,
    credit_limit numeric(12, 2) not null,
    active boolean not null,
    born date,
    tags text[] not null,
    profile jsonb not null,
    created_at timestamptz not null
);
comment on table customers is 'One row a customer';

create table products (
    product_id integer primary key,
    sku char(8) not null unique,
    name varchar(60) not null,
    price numeric(10, 2) not null check (price > 0),
    weight_kg real not null,
    thumbnail bytea not null,
    warranty interval not null
);

create table orders (
    order_id bigint primary key,
    customer_id bigint not null references customers,
    status order_status not null,
    ordered_at timestamp not null,
    ship_on date,
    discount double precision not null,
    note text
);

create table order_items (
    order_id bigint not null references orders,
    line smallint not null,
    product_id integer not null references products,
    quantity integer not null check (quantity > 0),
    price numeric(10, 2) not null,
    primary key (order_id, line)
);

insert into customers (customer_key, name, email, country, credit_limit, active, born, tags, profile, created_at)
select md5('customer ' || i)::uuid,
       f || ' ' || l,
       'customer' || i || '@example.com',
       (array['DE', 'US', 'FR', 'JP', 'BR', 'IN', 'GB', 'PL'])[1 + i * 5 % 8],
       (i * 7919 % 5000000) / 100.0,
       i % 17 <> 0,
       case when i % 23 <> 0 then date '1950-01-01' + i * 31 % 20000 end,
       case i % 3 when 0 then array['retail'] when 1 then array['retail', 'newsletter'] else '{}'::text[] end,
       jsonb_build_object('language', (array['de', 'en', 'fr', 'ja'])[1 + i % 4], 'visits', i * 13 % 400),
       timestamptz '2021-01-01 00:00:00+00' + i * interval '41 minutes'
from (select i,
             (array['Ada', 'Björn', 'Chloé', 'Dmitri', 'Emi', 'Farid', 'Grace', 'Hana', 'Ines', 'Jörg', 'Søren'])[1 + i % 11] as f,
             (array['Lovelace', 'Müller', 'Dupont', 'Sato', 'Silva', 'Hopper', 'Nowak', 'Wałęsa', 'Singh', '山田', 'O''Neill', 'Ito', 'Berg'])[1 + i % 13] as l
      from generate_series(1, 20000) as i) as n;

insert into products
select i,
       'P-' || lpad(i::text, 6, '0'),
       (array['Lamp', 'Chair', 'Desk', 'Kettle', 'Café press', 'Bicycle bell', 'Notebook', 'Fountain pen'])[1 + i % 8] || ' ' || i,
       (199 + i * 3571 % 40000) / 100.0,
       (20 + i * 37 % 900) / 100.0,
       decode(md5('thumbnail ' || i), 'hex'),
       make_interval(months => 6 * (1 + i % 6), days => i % 15)
from generate_series(1, 400) as i;

insert into orders
select i,
       1 + i * 7907 % 20000,
       (array['shipped', 'shipped', 'shipped', 'paid', 'open', 'returned']::order_status[])[1 + i * 11 % 6],
       timestamp '2023-01-01 08:00:00' + i * interval '317.25 seconds',
       case when i * 11 % 6 < 3 then date '2023-01-03' + (i / 272)::integer end,
       case when i % 10 = 0 then 0.1 else 0 end,
       case when i % 29 = 0 then 'Leave it with the neighbour — thank you 🙂' end
from generate_series(1::bigint, 220000) as i;

insert into order_items
select o, l, p, 1 + o * l % 5, (199 + p * 3571 % 40000) / 100.0
from (select o, l, (1 + (o * 37 + l * 101) % 400)::integer as p
      from generate_series(1, 220000) as o, generate_series(1, 1 + o % 3) as l) as g;

create index on orders (customer_id);
create index on orders (ordered_at);

create view revenue_by_country as
select c.country, count(distinct o.order_id) as orders, sum(i.quantity * i.price * (1 - o.discount::numeric))::numeric(16, 2) as revenue
from customers c join orders o using (customer_id) join order_items i using (order_id)
where o.status <> 'returned'
group by c.country;

create table every_type (
    id integer primary key,
    a_bool boolean, a_smallint smallint, an_integer integer, a_bigint bigint,
    a_real real, a_double double precision, a_numeric numeric, a_money money,
    a_char char(10), a_varchar varchar(50), a_text text, a_name name, a_bytea bytea,
    a_date date, a_time time, a_timetz timetz, a_timestamp timestamp, a_timestamptz timestamptz, an_interval interval,
    a_uuid uuid, a_json json, a_jsonb jsonb, an_xml xml, a_bit bit(8), a_varbit bit varying(16),
    integers integer[], texts text[], an_int4range int4range, a_daterange daterange,
    an_inet inet, a_cidr cidr, a_macaddr macaddr, a_point point, a_box box, a_tsvector tsvector,
    a_status order_status, a_country country_code
);
insert into every_type values
(1, true, 32767, 2147483647, 9223372036854775807, 1.5, 2.718281828459045, 12345678901234567890.123456789, 1234.56,
 'char', 'varchar — ü', 'text 🙂', 'name', '\x00ff10', '2026-11-21', '23:59:59.999999', '12:00:00+02',
 '2026-11-21 12:34:56.789', '2026-11-21 12:34:56.789+00', '1 year 2 months 3 days 04:05:06',
 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a": 1}', '{"b": [1, 2]}', '<x>y</x>', '10101010', '101',
 '{1,2,NULL}', '{"a b",c}', '[1,10)', '[2026-01-01,2027-01-01)', '192.168.0.1/24', '10.0.0.0/8', '08:00:2b:01:02:03',
 '(1,2)', '(3,4),(1,2)', 'fat:2 cat:3', 'paid', 'DE'),
(2, false, -32768, -2147483648, -9223372036854775808, '-Infinity', 'NaN', 'NaN', -0.01,
 '', '', '', '', '', '4713-01-01 BC', '00:00', '00:00-12', 'infinity', '-infinity', '-1 day',
 '00000000-0000-0000-0000-000000000000', 'null', '{}', '<e/>', '00000000', '', '{}', '{}', 'empty', 'empty',
 '::1', '::/0', '00:00:00:00:00:00', '(0,0)', '(0,0),(0,0)', '', 'returned', 'JP');
insert into every_type (id) values (3);
commit;

analyze;
