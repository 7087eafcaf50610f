// go mod init native && go get github.com/wechatpay-apiv3/wechatpay-go && go run native.go
//
// An order in the sandbox by the official SDK. The keys are good for nothing else.
{{#tls}}//
{{#tls}}// Go trusts the sandbox's authority by the environment: SSL_CERT_FILE={{authority}}

package main

import (
	"context"
{{#certificate}}	"crypto/x509"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/native"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"
)

// sandbox sends to this address what the SDK would send to the platform's.
type sandbox struct{ address *url.URL }

func (s sandbox) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.URL.Scheme, request.URL.Host, request.Host = s.address.Scheme, s.address.Host, ""
	return http.DefaultTransport.RoundTrip(request)
}

func main() {
	ctx := context.Background()
	address, err := url.Parse({{base_uri}})
	check(err)
	privateKey, err := utils.LoadPrivateKeyWithPath({{private_key}})
	check(err)
{{#public_key}}	publicKey, err := utils.LoadPublicKeyWithPath({{platform_file}})
{{#certificate}}	certificate, err := utils.LoadCertificateWithPath({{platform_file}})
	check(err)
	client, err := core.NewClient(ctx,
{{#public_key}}		option.WithWechatPayPublicKeyAuthCipher({{mchid}}, {{serial}}, privateKey, {{platform_id}}, publicKey),
{{#certificate}}		option.WithWechatPayAuthCipher({{mchid}}, {{serial}}, privateKey, []*x509.Certificate{certificate}),
		option.WithHTTPClient(&http.Client{Transport: sandbox{address}}),
	)
	check(err)

	service := native.NativeApiService{Client: client}
	placed, _, err := service.Prepay(ctx, native.PrepayRequest{
		Appid:       core.String("wx8888888888888888"),
		Mchid:       core.String({{mchid}}),
		Description: core.String("咖啡"),
		OutTradeNo:  core.String(fmt.Sprintf("go-%d", time.Now().Unix())),
		NotifyUrl:   core.String("http://127.0.0.1:8080/notify"),
		Amount:      &native.Amount{Total: core.Int64(100), Currency: core.String("CNY")},
	})
	check(err)
	fmt.Println(*placed.CodeUrl)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
