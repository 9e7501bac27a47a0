using System.Formats.Asn1;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Fetching;
using MtlsSidecar.Trust.Revocation.Ocsp;

namespace MtlsSidecar.Trust.Tests.Revocation.Ocsp;

/// <summary>Whom we ask, how, and what we take for an answer.</summary>
public sealed class OcspClientTests : OcspStoreHouse
{
    [Fact]
    public async Task Request_IsPostedWithoutANonceByDefault()
    {
        byte[] body = [];
        Script = request =>
        {
            body = request.Body;
            return request.AnswerAsync(Answer(Leaf));
        };
        (await StatusAsync()).Should().Be(RevocationStatus.Good);

        body.Should().Equal(OcspRequestWriter.Write(OcspCertId.Of(QuestionAbout(Leaf).Certificate, QuestionAbout(Leaf).Issuer), nonce: null));

        Server.Requests.Should().ContainSingle().Which.Should().StartWith("POST /ocsp HTTP/1.1").And.Contain("Content-Type: application/ocsp-request");
    }

    [Fact]
    public async Task SmallRequest_IsSentByGetWhenConfigured()
    {
        Use(new OcspFetchOptions { Method = OcspMethod.Get });
        (await StatusAsync()).Should().Be(RevocationStatus.Good);

        var target = Server.Requests.Should().ContainSingle().Which.Split(' ')[1];
        target.Should().StartWith("/ocsp/").And.NotContain("+").And.NotContain("=");
        var sent = Convert.FromBase64String(Uri.UnescapeDataString(target["/ocsp/".Length..]));
        sent.Should().Equal(OcspRequestWriter.Write(OcspCertId.Of(QuestionAbout(Leaf).Certificate, QuestionAbout(Leaf).Issuer), nonce: null));
    }

    [Fact]
    public async Task LongRequest_IsPostedThoughGetIsConfigured()
    {
        Use(new OcspFetchOptions { Method = OcspMethod.Get });
        Leaf = Issue(Server.Url("/" + new string('a', 150)));
        (await StatusAsync()).Should().Be(RevocationStatus.Good);

        Server.Requests.Should().ContainSingle().Which.Should().StartWith("POST ");
    }

    [Fact]
    public async Task Nonce_IsDemandedOnlyWhenConfigured()
    {
        Use(new OcspFetchOptions { UseNonce = true });
        var withNonce = Issue();
        Script = request => request.AnswerAsync((Entry(withNonce) with { Extensions = [TestOcspResponse.Nonce(NonceOf(request.Body))] }).Sign(Root));
        (await StatusAsync(withNonce)).Should().Be(RevocationStatus.Good);

        var played = Issue();
        Script = request => request.AnswerAsync((Entry(played) with { Extensions = [TestOcspResponse.Nonce(new byte[32])] }).Sign(Root));
        (await CheckAsync(played)).Detail.Should().Contain("another nonce");

        var without = Issue();
        Script = request => request.AnswerAsync(Answer(without));
        (await CheckAsync(without)).Detail.Should().Contain("no nonce");
    }

    [Fact]
    public async Task ConfiguredResponder_IsAskedForEveryCertificateInPlaceOfItsOwn()
    {
        await using var named = ScriptedHttpServer.Start(request => request.RefuseAsync(503));
        Use(new OcspFetchOptions { Url = Server.Url("/configured") });
        Leaf = Issue(named.Url());

        (await StatusAsync()).Should().Be(RevocationStatus.Good);

        named.Requests.Should().BeEmpty();
        Server.Requests.Should().ContainSingle().Which.Should().StartWith("POST /configured ");
    }

    [Fact]
    public async Task CertificateWithoutAResponder_IsUnknown()
    {
        using var leaf = Root.Issue();
        (await CheckAsync(leaf)).Should().Match<RevocationAnswer>(answer => answer.Status == RevocationStatus.Unknown && answer.Detail.Contains("names no OCSP responder"));
    }

    [Theory]
    [InlineData("https://127.0.0.1:{0}/ocsp")]
    [InlineData("ldap://127.0.0.1:{0}/ocsp")]
    [InlineData("http://user@127.0.0.1:{0}/ocsp")]
    public async Task UrlThatACertificateMayNotName_IsNotAsked(string url)
    {
        Leaf = Issue(string.Format(System.Globalization.CultureInfo.InvariantCulture, url, Server.Endpoint.Port));

        (await StatusAsync()).Should().Be(RevocationStatus.Unknown);

        Server.Requests.Should().BeEmpty();
        Store.Count.Should().Be(0);
    }

    [Fact]
    public async Task HostThatIsNotAllowed_IsNotAsked()
    {
        Use(new OcspFetchOptions(), new FetchOptions { AllowedHosts = ["ocsp.test"] });

        (await StatusAsync()).Should().Be(RevocationStatus.Unknown);
        Server.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task OwnListener_IsNotAsked()
    {
        Use(new OcspFetchOptions(), new FetchOptions { OwnListeners = () => [Server.Endpoint] });

        (await CheckAsync()).Detail.Should().Contain("listener of our own");
        Server.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task LinkLocalAddress_IsNotAsked()
    {
        Leaf = Issue("http://169.254.169.254/ocsp");

        (await CheckAsync()).Detail.Should().Contain("169.254.0.0/16");
    }

    [Fact]
    public async Task Redirect_IsNotFollowed()
    {
        await using var elsewhere = ScriptedHttpServer.Start(request => request.AnswerAsync(Answer(Leaf)));
        Script = request => request.RefuseAsync(302, $"Location: {elsewhere.Url()}\r\n");

        (await StatusAsync()).Should().Be(RevocationStatus.Unknown);
        elsewhere.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task SecondResponder_IsAskedWhenTheFirstFails()
    {
        Leaf = Issue($"http://127.0.0.1:{FreePorts.Next()}/", Server.Url());

        (await StatusAsync()).Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public async Task ThirdResponder_IsNotAsked()
    {
        // Each costs a time-out, and the certificate may name any number.
        Leaf = Issue($"http://127.0.0.1:{FreePorts.Next()}/", $"http://127.0.0.1:{FreePorts.Next()}/", Server.Url());

        (await StatusAsync()).Should().Be(RevocationStatus.Unknown);
        Server.Requests.Should().BeEmpty();
    }

    [Theory]
    [InlineData(31, RevocationStatus.Good)]
    [InlineData(32, RevocationStatus.Unknown)]
    public async Task AccessDescriptions_AreReadUpToABound(int others, RevocationStatus expected)
    {
        Leaf = Issue([.. Enumerable.Repeat("ldap://ocsp.test/a", others), Server.Url()]);

        (await StatusAsync()).Should().Be(expected);
    }

    [Fact]
    public async Task UrlsOfOtherSchemes_DoNotTakeTheRoomOfThoseThatCount()
    {
        Leaf = Issue("ldap://ocsp.test/a", "https://ocsp.test/b", "ldap://ocsp.test/c", Server.Url());

        (await StatusAsync()).Should().Be(RevocationStatus.Good);
    }

    [Theory]
    [InlineData(OcspResponseReader.MaxLength + 1, "larger than")]
    [InlineData(100, "malformed")]
    [InlineData(0, "malformed")]
    public async Task AnswerThatIsNone_IsUnknown(int length, string words)
    {
        Script = request => request.AnswerAsync(new byte[length]);

        (await CheckAsync()).Should().Match<RevocationAnswer>(answer => answer.Status == RevocationStatus.Unknown && answer.Detail.Contains(words));
        Observer.Failures.Should().ContainSingle();
    }

    [Fact]
    public async Task ForgedAnswer_IsUnknown()
    {
        using var impostor = TestAuthority.CreateRoot();
        Script = request => request.AnswerAsync(Entry(Leaf).Sign(impostor));

        (await StatusAsync()).Should().Be(RevocationStatus.Unknown);
    }

    private static byte[] NonceOf(byte[] request)
    {
        var fields = new AsnReader(request, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        fields.ReadSequence();
        var extension = fields.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 2)).ReadSequence().ReadSequence();
        extension.ReadObjectIdentifier();
        return new AsnReader(extension.ReadOctetString(), AsnEncodingRules.DER).ReadOctetString();
    }
}
