using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Ocsp;

namespace MtlsSidecar.Trust.Tests.Revocation.Ocsp;

/// <summary>How answers are kept, refreshed and forgotten.</summary>
public sealed class OcspStoreTests : OcspStoreHouse
{
    [Fact]
    public async Task ManyHandshakes_CostOneRequest()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => CheckAsync()));
        await CheckAsync();

        answers.Should().AllSatisfy(answer => answer.Status.Should().Be(RevocationStatus.Good));
        Server.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task Revoked_IsRememberedToo()
    {
        Says = TestOcspStatus.Revoked;

        (await StatusAsync()).Should().Be(RevocationStatus.Revoked);
        (await StatusAsync()).Should().Be(RevocationStatus.Revoked);
        Server.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task Answer_IsHandedOutForAnHourAtMostAndNeverBeyondNextUpdate()
    {
        (await CheckAsync()).ValidUntil.Should().Be(Clock.GetUtcNow().AddHours(1));

        var other = Leaf = Issue();
        Validity = TimeSpan.FromMinutes(20);
        (await CheckAsync(other)).ValidUntil.Should().BeOnOrBefore(Clock.GetUtcNow().AddMinutes(20)).And.BeAfter(Clock.GetUtcNow().AddMinutes(19));
    }

    [Fact]
    public async Task AnswerPastItsNextUpdate_IsNoLongerGiven()
    {
        Validity = TimeSpan.FromMinutes(20);
        (await StatusAsync()).Should().Be(RevocationStatus.Good);

        Script = request => request.RefuseAsync(503);
        Clock.Advance(TimeSpan.FromMinutes(21));

        (await StatusAsync()).Should().Be(RevocationStatus.Unknown);
    }

    [Theory]
    [InlineData("Issuing")]
    [InlineData("Other")]
    public async Task AnswerAboutOneCertificate_IsNoneAboutThatOfAnotherIssuerWithItsSerialNumber(string otherIssuer)
    {
        using var first = Root.CreateIntermediate("Issuing");
        using var second = Root.CreateIntermediate(otherIssuer);
        Script = request => request.AnswerAsync(Respond(first, TestOcspStatus.Good));
        (await AskAsync(first)).Should().Be(RevocationStatus.Good);

        Script = request => request.AnswerAsync(Respond(second, TestOcspStatus.Revoked));
        (await AskAsync(second)).Should().Be(RevocationStatus.Revoked);

        byte[] Respond(TestAuthority issuer, TestOcspStatus status)
        {
            using var certificate = IssueBy(issuer);
            return new TestOcspResponse
            {
                Entries = [new TestOcspEntry(certificate.Certificate, issuer.Certificate) { Status = status, ThisUpdate = Clock.GetUtcNow(), NextUpdate = Clock.GetUtcNow().AddHours(1) }],
            }.Sign(issuer);
        }

        async Task<RevocationStatus> AskAsync(TestAuthority issuer)
        {
            using var certificate = IssueBy(issuer);
            var question = Crl.CrlQuestions.About(certificate.Certificate, issuer) with { At = Clock.GetUtcNow() };
            return (await new OcspRevocationSource(Store).CheckAsync(question, CancellationToken.None)).Status;
        }

        TestCertificate IssueBy(TestAuthority issuer) => issuer.Issue(new IssueOptions
        {
            SerialNumber = 5,
            Configure = request => request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension([Server.Url("/ocsp")], [], critical: false)),
        });
    }

    [Fact]
    public async Task FailedRefresh_KeepsTheLastAnswerUntilItsEnd()
    {
        await CheckAsync();
        Script = request => request.RefuseAsync(503);
        Clock.AdvanceToNextTimer();
        await Eventually.HoldsAsync(() => !Observer.Failures.IsEmpty, "asked again");

        (await StatusAsync()).Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public async Task CertificateRevokedMeanwhile_IsAnnouncedAndAnsweredAnew()
    {
        var path = QuestionAbout(Leaf).Path;
        var other = QuestionAbout(Issue()).Path;
        await CheckAsync();
        var generation = Store.Generation;
        var heard = new TaskCompletionSource<(OcspChange Change, long Generation, RevocationStatus Status)>();
        Store.Changed += change => heard.TrySetResult((change, Store.Generation, Store.Find(QuestionAbout(Leaf), out _)!.Recall()!.Status));

        Says = TestOcspStatus.Revoked;
        Clock.AdvanceToNextTimer();
        var (change, then, status) = await heard.Task.WaitAsync(Eventually.DefaultTimeout);

        then.Should().Be(generation + 1).And.Be(change.Generation);
        status.Should().Be(RevocationStatus.Revoked, "whoever hears of it must find the new answer");
        change.Concerns(path).Should().BeTrue();
        change.Concerns(other).Should().BeFalse();
        (await StatusAsync()).Should().Be(RevocationStatus.Revoked);
        Observer.Changes.Should().ContainSingle();
    }

    [Fact]
    public async Task Revocation_EndsRememberedVerdictsThoughNobodyListens()
    {
        await CheckAsync();
        var generation = new OcspRevocationSource(Store).Generation;

        Says = TestOcspStatus.Revoked;
        await Store.RefreshAllAsync();

        new OcspRevocationSource(Store).Generation.Should().BeGreaterThan(generation);
    }

    [Fact]
    public async Task CertificateThatTheResponderNoLongerKnows_IsAnnounced()
    {
        await CheckAsync();
        var heard = new TaskCompletionSource();
        Store.Changed += _ => heard.TrySetResult();

        Says = TestOcspStatus.Unknown;
        Clock.AdvanceToNextTimer();
        await heard.Task.WaitAsync(Eventually.DefaultTimeout);

        (await StatusAsync()).Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public async Task CertificateOfUnknownStatusThatTurnsOutRevoked_IsAnnounced()
    {
        // Under UnknownStatus: Accept its connection is open.
        Says = TestOcspStatus.Unknown;
        (await StatusAsync()).Should().Be(RevocationStatus.Unknown);
        var heard = new TaskCompletionSource();
        Store.Changed += _ => heard.TrySetResult();

        Says = TestOcspStatus.Revoked;
        Clock.AdvanceToNextTimer();

        await heard.Task.WaitAsync(Eventually.DefaultTimeout);
    }

    [Fact]
    public async Task UnchangedStatus_IsNotAnnounced()
    {
        await CheckAsync();
        var generation = Store.Generation;
        await Store.RefreshAllAsync();

        Server.Requests.Should().HaveCount(2);
        Store.Generation.Should().Be(generation);
    }

    [Fact]
    public async Task OlderAnswer_NeverReplacesANewerOne()
    {
        Says = TestOcspStatus.Revoked;
        await CheckAsync();

        // Played back by somebody on the network: good, still valid, but from before.
        Says = TestOcspStatus.Good;
        Script = request => request.AnswerAsync(Answer(Leaf, TimeSpan.FromMinutes(10)));
        await Store.RefreshAllAsync();

        Server.Requests.Should().HaveCount(2);
        (await StatusAsync()).Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public async Task AnswerThatEndsSoon_IsRefreshedAhead()
    {
        Use(new OcspFetchOptions { RefreshInterval = TimeSpan.FromHours(6) });
        Validity = TimeSpan.FromMinutes(20);
        await CheckAsync();
        var nextUpdate = Clock.GetUtcNow() + Validity;

        Clock.AdvanceToNextTimer();

        Clock.GetUtcNow().Should().BeBefore(nextUpdate);
        await Eventually.HoldsAsync(() => Server.Requests.Count >= 2, "asked before nextUpdate");
    }

    [Fact]
    public async Task CertificateInUse_IsRefreshedAndOneThatIsNotIsForgotten()
    {
        var start = Clock.GetUtcNow();
        while (Clock.GetUtcNow() < start.AddMinutes(90))
        {
            await CheckAsync();
            var before = Server.Requests.Count;
            Clock.AdvanceToNextTimer();
            await Eventually.HoldsAsync(() => Server.Requests.Count > before, "refreshed");

            // The clock stands still until the answer is taken: the next timer must not be this request's deadline.
            await (Store.Find(QuestionAbout(Leaf), out _)!.Obtain() ?? Task.CompletedTask);
        }

        await Eventually.HoldsAsync(
            () =>
            {
                Clock.Advance(TimeSpan.FromMinutes(6));
                return Store.Count == 0;
            },
            "forgotten");
    }

    [Fact]
    public async Task NumberOfCertificates_IsBounded()
    {
        Use(new OcspFetchOptions { MaxCertificates = 3 });
        for (var number = 0; number < 6; number++)
        {
            Leaf = Issue();
            (await StatusAsync()).Should().Be(RevocationStatus.Good);
            Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Store.Count.Should().Be(3);
    }

    [Fact]
    public async Task DeadResponder_IsNotAskedAgainAtEachHandshake()
    {
        Script = request => request.RefuseAsync(503);
        for (var handshake = 0; handshake < 20; handshake++)
        {
            var answer = await CheckAsync();
            (answer.Status, answer.Detail).Should().Be((RevocationStatus.Unknown, "OCSP: the server answered 503"));
        }

        Server.Requests.Should().ContainSingle();
    }

    [Fact]
    public async Task DeadResponder_IsNotAskedForEveryNewCertificate()
    {
        Script = request => request.RefuseAsync(503);
        for (var number = 0; number < 20; number++)
        {
            (await StatusAsync(Issue())).Should().Be(RevocationStatus.Unknown);
        }

        Server.Requests.Should().HaveCount(3);
    }

    [Fact]
    public async Task DeadResponderThatCameBack_IsAskedAgain()
    {
        Script = request => request.RefuseAsync(503);
        (await StatusAsync()).Should().Be(RevocationStatus.Unknown);

        Script = null;
        Clock.Advance(TimeSpan.FromSeconds(2));

        (await StatusAsync()).Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public async Task HandshakeThatWaitedLongEnough_GoesOnWithoutAnAnswer()
    {
        // Two responders that hang: the request goes on to the second, the handshake doesn't wait for that.
        Leaf = Issue(Server.Url("/first"), Server.Url("/second"));
        var asked = new TaskCompletionSource();
        Script = request =>
        {
            asked.TrySetResult();
            return request.HangAsync();
        };

        var check = CheckAsync();
        await asked.Task;
        Clock.Advance(TimeSpan.FromSeconds(2));

        (await check.WaitAsync(Eventually.DefaultTimeout)).Status.Should().Be(RevocationStatus.Unknown);
        await Eventually.HoldsAsync(() => Server.Requests.Count == 2, "the request went on");
    }

    [Fact]
    public async Task CancelledHandshake_StopsWaiting()
    {
        using var cancelled = new CancellationTokenSource();
        Script = request =>
        {
            cancelled.Cancel();
            return request.HangAsync();
        };

        await FluentActions.Awaiting(() => CheckAsync(cancellationToken: cancelled.Token)).Should().ThrowAsync<OperationCanceledException>();
    }
}
