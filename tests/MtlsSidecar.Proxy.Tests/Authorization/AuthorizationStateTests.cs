using MtlsSidecar.Proxy.Authorization;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Http;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Proxy.Tests.Authorization;

public sealed class AuthorizationStateTests
{
    private static readonly PeerIdentity Web = Peer("spiffe://foo.test/ns/default/sa/web");
    private static readonly PeerIdentity Batch = Peer("spiffe://foo.test/ns/default/sa/batch");

    [Fact]
    public void NoPolicy_DeniesEverything()
    {
        var decision = new AuthorizationState(new AuthorizationOptions()).Decide(Request(Web));

        decision.Permit.Should().BeNull();
        decision.Source.Should().Be("default");
    }

    [Fact]
    public void NoMatch_IsDenied() => Decide(Request(Batch), Allow("web", From("spiffe://foo.test/ns/default/sa/web"))).Should().Be(("denied", "default"));

    [Fact]
    public void MatchingAllow_Permits() => Decide(Request(Web), Allow("web", From("spiffe://foo.test/ns/default/sa/web"))).Should().Be(("allowed", "web"));

    [Fact]
    public void Permit_IsForTheRequestThatWasJudged()
    {
        var request = Request(Web);

        new AuthorizationState(Options(Allow("all", new()))).Decide(request).Permit!.Request.Should().BeSameAs(request);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Deny_WinsOverAllowInEitherOrder(bool denyFirst)
    {
        AuthorizationPolicyOptions[] policies = [Deny("no", new()), Allow("yes", new())];

        Decide(Request(Web), denyFirst ? policies : [.. policies.Reverse()]).Should().Be(("denied", "no"));
    }

    [Fact]
    public void RuleWithoutFields_MatchesAnyPeerAndAnyRequest() => Decide(Request(Batch, "DELETE", "/x"), Allow("all", new())).Should().Be(("allowed", "all"));

    [Fact]
    public void Audit_DecidesNothingAndIsRecorded()
    {
        var state = new AuthorizationState(Options(Policy("trial", AuthorizationAction.Audit, new()), Allow("web", To(new() { Methods = ["GET"] }))));

        var allowed = state.Decide(Request(Web));
        allowed.Permit.Should().NotBeNull();
        allowed.Audited.Should().Equal("trial");
        var denied = state.Decide(Request(Web, "POST"));
        denied.Permit.Should().BeNull();
        denied.Source.Should().Be("default");
        denied.Audited.Should().Equal("trial");
    }

    [Fact]
    public void AuditThatDoesNotMatch_IsNotRecorded()
        => new AuthorizationState(Options(Policy("trial", AuthorizationAction.Audit, To(new() { Paths = ["/x"] }))))
            .Decide(Request(Web)).Audited.Should().BeEmpty();

    [Theory]
    [InlineData("GET", "/api/1", "Inbound", "allowed")]
    [InlineData("HEAD", "/api/1", "Inbound", "allowed")]
    [InlineData("GET", "/health", "inbound", "allowed")]
    [InlineData("POST", "/api/1", "Inbound", "denied")]
    [InlineData("Get", "/api/1", "Inbound", "denied")]
    [InlineData("GET", "/other", "Inbound", "denied")]
    [InlineData("GET", "/api/1", "amqp-in", "denied")]
    public void FieldsAreAnded_AndTheirValuesOred(string method, string path, string listener, string expected)
    {
        var operation = new RuleOperationOptions { Methods = ["GET", "HEAD"], Paths = ["/api/*", "/health"], Listeners = ["Inbound"] };

        Decide(Request(Web, method, path, listener), Allow("api", To(operation))).Outcome.Should().Be(expected);
    }

    [Fact]
    public void SourcesAndOperations_AreBothNeeded()
    {
        var rule = From("spiffe://foo.test/ns/default/sa/web", To(new() { Paths = ["/api/*"] }));

        Decide(Request(Web, path: "/api/1"), Allow("api", rule)).Outcome.Should().Be("allowed");
        Decide(Request(Web, path: "/x"), Allow("api", rule)).Outcome.Should().Be("denied");
        Decide(Request(Batch, path: "/api/1"), Allow("api", rule)).Outcome.Should().Be("denied");
    }

    [Fact]
    public void OneRule_IsEnough() => Decide(
        Request(Batch),
        new AuthorizationPolicyOptions { Name = "two", Action = AuthorizationAction.Allow, Rules = [From("dns:x.test"), From("spiffe://foo.test/ns/*/sa/batch")] }).Outcome.Should().Be("allowed");

    [Fact]
    public void OneSourceWithoutPrincipals_IsAboutEverybody() => Decide(
        Request(Batch),
        Allow("all", new() { From = [new() { Principals = [IdentityPattern.Parse("dns:x.test")] }, new()] })).Outcome.Should().Be("allowed");

    [Theory]
    [InlineData("/ADMIN/users")]
    [InlineData("//admin/users")]
    [InlineData("/admin;x/users")]
    [InlineData("/%61dmin/users")]
    [InlineData("/admin")]
    public void DeniedPath_IsDeniedInEverySpelling(string path) => Decide(
        Request(Web, path: path), Allow("all", new()), Deny("admin", To(new() { Paths = ["/admin/*"] }))).Should().Be(("denied", "admin"));

    [Theory]
    [InlineData("/API/1")]
    [InlineData("//api/1")]
    [InlineData("/api;x/1")]
    [InlineData("/api%2f1")]
    [InlineData("/api")]
    public void AllowedPath_IsAllowedInItsOwnSpellingOnly(string path) => Decide(
        Request(Web, path: path), Allow("api", To(new() { Paths = ["/api/*"] }))).Should().Be(("denied", "default"));

    [Theory]
    [InlineData("Listeners", "allowed")]
    [InlineData("Methods", "denied")]
    [InlineData("Paths", "denied")]
    public void Tunnel_IsAllowedOnlyByRulesThatNameNeitherMethodsNorPaths(string field, string expected)
        => Decide(Tunnel(Web), Allow("amqp", To(Operation(field)))).Outcome.Should().Be(expected);

    [Theory]
    [InlineData("Listeners")]
    [InlineData("Methods")]
    [InlineData("Paths")]
    public void Tunnel_IsDeniedByAnyDenyOnItsListener(string field)
        => Decide(Tunnel(Web), Allow("all", new()), Deny("no", To(Operation(field)))).Should().Be(("denied", "no"));

    [Fact]
    public void DenyOnAnotherListener_DoesNotConcernTheTunnel()
        => Decide(Tunnel(Web), Allow("all", new()), Deny("no", To(new() { Methods = ["GET"], Listeners = ["Inbound"] }))).Outcome.Should().Be("allowed");

    [Fact]
    public void NewPolicies_ReplaceTheOldOnesWhole()
    {
        var state = new AuthorizationState(Options(Allow("all", new())));
        state.Decide(Request(Web)).Permit.Should().NotBeNull();

        state.Update(AuthorizationState.Compile(Options(Allow("batch", From("spiffe://foo.test/ns/default/sa/batch")))));

        state.Decide(Request(Web)).Permit.Should().BeNull("what was found out about a peer must not outlive the policies");
        state.Decide(Request(Batch)).Permit.Should().NotBeNull();
    }

    [Fact]
    public void PoliciesThatCannotBeRead_AreNotMadeReady()
        => FluentActions.Invoking(() => AuthorizationState.Compile(Options(Allow("all", To(new() { Paths = ["api"] }))))).Should().Throw<FormatException>();

    [Fact]
    public void EmptyList_IsRefused()
    {
        AuthorizationRuleOptions[] rules =
        [
            new() { From = [] }, new() { From = [new() { Principals = [] }] }, new() { To = [] }, To(new() { Methods = [] }),
            To(new() { Paths = [] }), To(new() { Listeners = [] }),
        ];

        foreach (var rule in rules)
        {
            FluentActions.Invoking(() => new AuthorizationState(Options(Deny("no", rule)))).Should().Throw<FormatException>();
        }
    }

    private static (string Outcome, string Source) Decide(AuthorizationRequest request, params AuthorizationPolicyOptions[] policies)
    {
        var decision = new AuthorizationState(Options(policies)).Decide(request);
        return (decision.Permit is null ? "denied" : "allowed", decision.Source);
    }

    private static AuthorizationOptions Options(params AuthorizationPolicyOptions[] policies) => new() { Policies = [.. policies] };

    private static AuthorizationPolicyOptions Allow(string name, AuthorizationRuleOptions rule) => Policy(name, AuthorizationAction.Allow, rule);

    private static AuthorizationPolicyOptions Deny(string name, AuthorizationRuleOptions rule) => Policy(name, AuthorizationAction.Deny, rule);

    private static AuthorizationPolicyOptions Policy(string name, AuthorizationAction action, AuthorizationRuleOptions rule)
        => new() { Name = name, Action = action, Rules = [rule] };

    private static AuthorizationRuleOptions From(string principal, AuthorizationRuleOptions? rule = null)
        => new() { From = [new() { Principals = [IdentityPattern.Parse(principal)] }], To = rule?.To };

    private static AuthorizationRuleOptions To(RuleOperationOptions operation) => new() { To = [operation] };

    private static RuleOperationOptions Operation(string field) => field switch
    {
        "Methods" => new() { Methods = ["GET"], Listeners = ["amqp-in"] },
        "Paths" => new() { Paths = ["/*"], Listeners = ["amqp-in"] },
        _ => new() { Listeners = ["amqp-in"] },
    };

    private static AuthorizationRequest Request(PeerIdentity peer, string method = "GET", string path = "/", string listener = "Inbound")
    {
        RequestTarget.TryParse(path, method, EscapedSlashes.Forward, out var target, out var error).Should().BeTrue(error);
        return new AuthorizationRequest(peer, listener, method, target);
    }

    private static AuthorizationRequest Tunnel(PeerIdentity peer) => new(peer, "amqp-in", method: null, target: null);

    private static PeerIdentity Peer(string id)
    {
        SpiffeId.TryParse(id, out var spiffeId).Should().BeTrue();
        return new PeerIdentity(spiffeId, [], []);
    }
}
