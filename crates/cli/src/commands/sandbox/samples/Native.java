// mvn -q compile exec:java
//
// An order in the sandbox by the official SDK. The keys are good for nothing else.
{{#tls}}//
{{#tls}}// Java trusts the sandbox's authority by a store of its own:
{{#tls}}//   keytool -importcert -noprompt -alias sandbox -file {{authority}} -keystore trust.p12 -storepass sandbox
{{#tls}}//   MAVEN_OPTS="-Djavax.net.ssl.trustStore=trust.p12 -Djavax.net.ssl.trustStorePassword=sandbox" mvn -q compile exec:java

import com.wechat.pay.java.core.Config;
{{#public_key}}import com.wechat.pay.java.core.RSAPublicKeyConfig;
{{#certificate}}import com.wechat.pay.java.core.RSAConfig;
import com.wechat.pay.java.core.http.DefaultHttpClientBuilder;
import com.wechat.pay.java.service.payments.nativepay.NativePayService;
import com.wechat.pay.java.service.payments.nativepay.model.Amount;
import com.wechat.pay.java.service.payments.nativepay.model.PrepayRequest;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
{{#public_key}}import java.nio.file.Files;
{{#public_key}}import java.nio.file.Paths;

public class Native {
  public static void main(String[] arguments) throws Exception {
{{#public_key}}    Config config = new RSAPublicKeyConfig.Builder()
{{#certificate}}    Config config = new RSAConfig.Builder()
        .merchantId({{mchid}})
        .merchantSerialNumber({{serial}})
        .privateKeyFromPath({{private_key}})
{{#public_key}}        .publicKeyFromPath({{platform_file}})
{{#public_key}}        .publicKeyId({{platform_id}})
{{#public_key}}        .apiV3Key(new String(Files.readAllBytes(Paths.get({{apiv3_key_file}})), "UTF-8").trim())
{{#certificate}}        .wechatPayCertificatesFromPath({{platform_file}})
        .build();

    // Sends to the sandbox what the SDK would send to the platform.
    HttpUrl sandbox = HttpUrl.get({{base_uri}});
    OkHttpClient http = new OkHttpClient.Builder()
        .addInterceptor(chain -> chain.proceed(chain.request().newBuilder()
            .url(chain.request().url().newBuilder()
                .scheme(sandbox.scheme()).host(sandbox.host()).port(sandbox.port()).build())
            .build()))
        .build();
    NativePayService service = new NativePayService.Builder()
        .httpClient(new DefaultHttpClientBuilder().config(config).okHttpClient(http).build())
        .build();

    Amount amount = new Amount();
    amount.setTotal(100);
    amount.setCurrency("CNY");
    PrepayRequest order = new PrepayRequest();
    order.setAppid("wx8888888888888888");
    order.setMchid({{mchid}});
    order.setDescription("咖啡");
    order.setOutTradeNo("java-" + System.currentTimeMillis());
    order.setNotifyUrl("http://127.0.0.1:8080/notify");
    order.setAmount(amount);
    System.out.println(service.prepay(order).getCodeUrl());
  }
}
