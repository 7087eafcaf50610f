//! APIv2: XML that both sides sign with a key they share.

pub(crate) mod data;
pub(crate) mod orders;
pub(crate) mod red_packets;
pub(crate) mod sign;
pub(crate) mod transfers;

use std::borrow::Cow;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use ureq::http::header::CONTENT_TYPE;
use ureq::http::{HeaderValue, Response};
use wechatpay_catalog::Found;

use self::data::{Data, Failure, returned};
use self::red_packets::{Kind, RedPackets};
use self::sign::{sign, signature};
use self::transfers::Transfers;
use crate::answer::Packing;
use crate::bill::{Bill, BillWriter};
use crate::clock;
use crate::content::Content;
use crate::crypto::SignType;
use crate::documents::{answer, check, lookup};
use crate::downloads::Downloads;
use crate::merchants::Merchant;
use crate::notifications::Matter;
use crate::orders::Orders;
use crate::parties::Keys;
use crate::passage::{GateStep, Passage};
use crate::postman::Postman;
use crate::request::Request;
use crate::scripts::Scripts;
use crate::xml;

/// The operations that have state; of all others it is known what is documented.
const ROUTES: [Route; 11] = [
    Route { path: "/pay/unifiedorder", operation: |apiv2, data| orders::place(apiv2.orders, data).map(Reply::Fields) },
    Route { path: "/pay/orderquery", operation: |apiv2, data| orders::query(apiv2.orders, data).map(Reply::Fields) },
    Route { path: "/pay/closeorder", operation: |apiv2, data| orders::close(apiv2.orders, data).map(Reply::Fields) },
    Route {
        path: "/secapi/pay/refund",
        operation: |apiv2, data| {
            let applied = orders::refund(apiv2.orders, data)?;
            if let Some(notice) = applied.notice {
                apiv2.notify(data, notice);
            }
            Ok(Reply::Fields(applied.answer))
        },
    },
    Route {
        path: "/pay/refundquery",
        operation: |apiv2, data| orders::query_refunds(apiv2.orders, data).map(Reply::Fields),
    },
    Route {
        path: "/mmpaymkttransfers/sendredpack",
        operation: |apiv2, data| apiv2.red_packets.send(data, Kind::Normal).map(Reply::Fields),
    },
    Route {
        path: "/mmpaymkttransfers/sendgroupredpack",
        operation: |apiv2, data| apiv2.red_packets.send(data, Kind::Group).map(Reply::Fields),
    },
    Route {
        path: "/mmpaymkttransfers/gethbinfo",
        operation: |apiv2, data| apiv2.red_packets.query(data).map(Reply::Fields),
    },
    Route {
        path: "/mmpaymkttransfers/promotion/transfers",
        operation: |apiv2, data| apiv2.transfers.make(data).map(Reply::Fields),
    },
    Route {
        path: "/mmpaymkttransfers/gettransferinfo",
        operation: |apiv2, data| apiv2.transfers.query(data).map(Reply::Fields),
    },
    Route { path: "/pay/downloadbill", operation: |apiv2, data| apiv2.bill(data) },
];

/// The beginning of paths for which the client must present its certificate, as it must where that is documented.
const SECURE: &str = "/secapi/";

/// The paths whose answers are not signed.
const UNSIGNED: [&str; 24] = [
    "/mchrisk/querymchrisk",
    "/mchrisk/setmchriskcallback",
    "/mchrisk/syncmchriskresult",
    "/mmpaymkttransfers/gethbinfo",
    "/mmpaymkttransfers/gettransferinfo",
    "/mmpaymkttransfers/promotion/paywwsptrans2pocket",
    "/mmpaymkttransfers/promotion/querywwsptrans2pocket",
    "/mmpaymkttransfers/promotion/transfers",
    "/mmpaymkttransfers/sendgroupredpack",
    "/mmpaymkttransfers/sendminiprogramhb",
    "/mmpaymkttransfers/sendredpack",
    "/mmpaysptrans/pay_bank",
    "/mmpaysptrans/query_bank",
    "/papay/entrustweb",
    "/papay/h5entrustweb",
    "/papay/partner/entrustweb",
    "/papay/partner/h5entrustweb",
    "/pay/downloadbill",
    "/pay/downloadfundflow",
    "/payitil/report",
    "/risk/getpublickey",
    "/risk/getviolation",
    "/secapi/mch/submchmanage",
    "/xdc/apiv2getsignkey/sign/getsignkey",
];

/// What APIv2 needs.
pub(crate) struct Apiv2<'a> {
    pub(crate) keys: &'a Arc<Keys>,
    pub(crate) postman: &'a Postman,
    pub(crate) orders: &'a Orders,
    pub(crate) red_packets: &'a RedPackets,
    pub(crate) transfers: &'a Transfers,
    pub(crate) downloads: &'a Downloads,
    pub(crate) scripts: &'a Scripts,
    /// Whether nothing is compared with the documents.
    pub(crate) is_lenient: bool,
}

impl Apiv2<'_> {
    /// Answers a request, with XML or, in one case, a bill. The status is always 200.
    pub(crate) fn answer(&self, request: &Request) -> Response<Content> {
        let path = lookup::path(request);
        let found = lookup::find(request.method(), &path);
        let needs_certificate = |found: &Found<'_>| found.operation().needs_client_certificate();
        let is_certified = request.path().starts_with(SECURE) || found.as_ref().is_some_and(needs_certificate);
        let (mut data, merchant, kind) = match self.check(request, is_certified) {
            Ok(checked) => {
                request.note(Passage::through(&GateStep::APIV2));
                checked
            }
            Err((step, message)) => {
                request.note(Passage::stopped(&GateStep::APIV2, step, &message));
                return xml(failed(&message));
            }
        };
        let signed = |fields: Map<String, Value>| {
            let is_signed = !UNSIGNED.contains(&request.path()) && !is_failed(&fields);
            if is_signed { sign(fields, kind, merchant.secret()) } else { fields }
        };
        if let Some(scripted) = self.scripts.next(request) {
            return scripted.into_response(signed);
        }
        let fields = match self.operate(request, found.as_ref().filter(|_| !self.is_lenient), &mut data) {
            Ok(Reply::Bill(bill, packing)) => return file(bill, packing),
            Ok(Reply::Fields(fields)) => data.success(fields),
            Err(Failure::Return(message)) => failed(&message),
            Err(Failure::Result { code, description }) => data.failure(code, &description),
        };
        xml(signed(fields))
    }

    /// The data of a request, the merchant who signed it, and how.
    ///
    /// # Errors
    /// The first step that fails, and what the platform says about it.
    fn check(
        &self,
        request: &Request,
        is_certified: bool,
    ) -> Result<(Data, &Merchant, SignType), (GateStep, Cow<'static, str>)> {
        if is_certified && !request.has_certificate() {
            return Err((GateStep::ClientCertificate, "证书出错，请登录微信支付商户平台下载证书".into()));
        }
        let data = Data(fields(request).map_err(|message| (GateStep::Fields, message.into()))?);
        let unknown = |message: Cow<'static, str>| (GateStep::Signer, message);
        let name = data.merchant_name().ok_or_else(|| unknown("缺少参数mch_id".into()))?;
        let merchant = self.keys.merchants.get(&data.get(name));
        let merchant = merchant.ok_or_else(|| unknown(format!("商户号{name}不存在").into()))?;
        let kind = SignType::of(&data.get("sign_type")).ok_or((GateStep::SignType, "签名错误".into()))?;
        if signature(&data.0, kind, merchant.secret()).is_none_or(|expected| expected != data.get("sign")) {
            return Err((GateStep::Signature, "签名错误".into()));
        }
        if is_certified && !request.certificate().is_some_and(|serial| merchant.has_certificate(serial)) {
            return Err((GateStep::CertificateOwner, "证书不是该商户号的证书，或已作废".into()));
        }
        Ok((data.without_empty(), merchant, kind))
    }

    /// Carries out what a request asks for; `found` is what is documented of it, unless that does not matter.
    fn operate(&self, request: &Request, found: Option<&Found<'_>>, data: &mut Data) -> Result<Reply, Failure> {
        if let Some(found) = found {
            check::data(found, request, data)?;
        }
        match (ROUTES.iter().find(|route| route.path == request.path()), found) {
            (Some(_), _) if request.method() != "POST" => Err(Failure::Return("请使用post方法".into())),
            (Some(route), _) => {
                data.text("nonce_str")?;
                (route.operation)(self, data)
            }
            (None, Some(found)) => Ok(Reply::Fields(answer::fields(found, &data.0))),
            (None, None) if self.is_lenient => Ok(Reply::Fields(Map::new())),
            (None, None) => {
                let path = lookup::path(request);
                let other = lookup::methods(&path).next().map(|method| format!("请使用{}方法", method.to_lowercase()));
                Err(Failure::Return(other.unwrap_or_else(|| lookup::unknown(request.method(), &path))))
            }
        }
    }

    /// Notifies the merchant at the address that it has given.
    fn notify(&self, data: &Data, matter: Matter) {
        if let Some(merchant) = self.keys.merchants.get(&data.mchid()) {
            let url = Some(data.get("notify_url")).filter(|url| !url.is_empty());
            self.postman.notify(self.keys, merchant, url, matter);
        }
    }

    /// The bill of a day (下载交易账单).
    fn bill(&self, data: &Data) -> Result<Reply, Failure> {
        let (day, packing) = (data.text("bill_date")?, data.get("tar_type"));
        match (clock::is_day(&day, ""), packing.as_str()) {
            (false, _) => Err(Failure::Return("invalid bill_date".into())),
            (true, "") => Ok(Reply::Bill(self.downloads.bill(&day), Packing::Plain)),
            (true, "GZIP") => Ok(Reply::Bill(self.downloads.bill(&day), Packing::File)),
            (true, _) => Err(Failure::Return("invalid tar_type".into())),
        }
    }
}

/// What an operation returns.
enum Reply {
    /// The fields after the code of the result.
    Fields(Map<String, Value>),
    Bill(Bill, Packing),
}

/// One operation, and its path.
struct Route {
    path: &'static str,
    operation: fn(&Apiv2<'_>, &Data) -> Result<Reply, Failure>,
}

/// The text that a request must have signed, without the key at its end; `None` if its fields cannot be read.
pub(crate) fn message(request: &Request) -> Option<String> {
    fields(request).ok().map(|fields| sign::pairs(&fields))
}

/// The fields of a request.
///
/// # Errors
/// The platform's message.
fn fields(request: &Request) -> Result<Map<String, Value>, &'static str> {
    match request.method() {
        "GET" => query(request.query()).ok_or("参数须为UTF-8编码"),
        _ => xml::read(request.body()).ok_or("XML格式错误"),
    }
}

/// The parameters of a query, decoded; `None` if one is not UTF-8.
fn query(query: &str) -> Option<Map<String, Value>> {
    let decode = |text| percent_decode_str(text).decode_utf8().ok();
    let mut fields = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        fields.insert(decode(name)?.into_owned(), decode(value)?.into());
    }
    Some(fields)
}

fn failed(message: &str) -> Map<String, Value> {
    returned("FAIL", message)
}

/// Whether the platform has not understood the request; it does not sign that it has not.
fn is_failed(fields: &Map<String, Value>) -> bool {
    fields.get("return_code").is_some_and(|code| code == "FAIL")
}

fn xml(fields: Map<String, Value>) -> Response<Content> {
    response("text/xml; charset=utf-8", Content::from(hyper::body::Bytes::from(xml::write("xml", &fields))))
}

fn file(bill: Bill, packing: Packing) -> Response<Content> {
    response("text/plain; charset=utf-8", Content::from(BillWriter::new(bill, packing != Packing::Plain)))
}

fn response(content_type: &'static str, content: Content) -> Response<Content> {
    let mut response = Response::new(content);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
