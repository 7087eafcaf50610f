//! An order in the sandbox: `cargo run`. The keys are good for nothing else.

use wechatpay::{Builder, Credentials, Options, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let merchant = Credentials::new()
        .mchid({{mchid}})
        .serial({{serial}})
        .private_key(concat!("file://", {{private_key}}))
        .cert({{platform_id}}, concat!("file://", {{platform_file}}))
        // For notifications, and for APIv2.
        .apiv3_key(std::fs::read_to_string({{apiv3_key_file}})?.trim())
        .secret(std::fs::read_to_string({{secret_file}})?.trim());
    let options = Options::new().base_uri({{base_uri}});
{{#tls}}    let options = options.verify({{authority}});
    let instance = Builder::new().credentials(merchant).defaults(options).build()?;

    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
    let order = json!({
        "appid": "wx8888888888888888",
        "mchid": {{mchid}},
        "description": "咖啡",
        "out_trade_no": format!("rust-{now}"),
        "notify_url": "http://127.0.0.1:8080/notify",
        "amount": { "total": 100, "currency": "CNY" },
    });
    let placed = instance.chain("v3/pay/transactions/native").post(json!({ "json": order }))?;
    println!("{}", placed.text());
    Ok(())
}
